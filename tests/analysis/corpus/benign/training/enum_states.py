"""A traffic light as a state machine."""
from enum import Enum, auto, unique


@unique
class Light(Enum):
    RED = auto()
    GREEN = auto()
    AMBER = auto()

    @property
    def following(self):
        members = list(type(self))
        return members[(members.index(self) + 1) % len(members)]


def simulate(steps):
    light = Light.RED
    for _ in range(steps):
        yield light.name
        light = light.following
