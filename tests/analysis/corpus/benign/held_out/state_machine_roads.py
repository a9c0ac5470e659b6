# technique: none
# goal: directions in words from a list of moves; enum members with behaviour

from enum import Enum, Flag, auto
from types import MappingProxyType


class Heading(Enum):
    """Where one looks, with its step."""

    NORTH = (0, 1)
    EAST = (1, 0)
    SOUTH = (0, -1)
    WEST = (-1, 0)

    def __init__(self, dx, dy):
        self.dx = dx
        self.dy = dy

    @property
    def right(self):
        return Heading((self.dy, -self.dx))

    @property
    def left(self):
        return Heading((-self.dy, self.dx))

    def __neg__(self):
        return Heading((-self.dx, -self.dy))


class Surface(Flag):
    """What a road is; several at once."""

    PAVED = auto()
    STEEP = auto()
    BRIDGE = auto()


WORDS = MappingProxyType(
    {
        "en": {"left": "turn left", "right": "turn right", "ahead": "go {n} ahead", "back": "turn round"},
        "es": {"left": "gire a la izquierda", "right": "gire a la derecha", "ahead": "siga {n} recto", "back": "dé la vuelta"},
        "pt": {"left": "vire à esquerda", "right": "vire à direita", "ahead": "siga {n} em frente", "back": "dê meia-volta"},
        "el": {"left": "στρίψτε αριστερά", "right": "στρίψτε δεξιά", "ahead": "προχωρήστε {n}", "back": "γυρίστε πίσω"},
    }
)


def _turn(now, then):
    if then is now.left:
        return "left"
    if then is now.right:
        return "right"
    return "back" if then is -now else None


def directions(names, *, language="en"):
    """Sentences of a way given as headings: ["NORTH", "NORTH", "EAST"]."""
    words = WORDS[language]
    sentences, run, now = [], 0, None
    for heading in map(Heading.__getitem__, names):
        turn = _turn(now, heading) if now is not None else None
        if turn:
            sentences += [words["ahead"].format(n=run), words[turn]]
            run = 0
        now, run = heading, run + 1
    if run:
        sentences.append(words["ahead"].format(n=run))
    return sentences


def end_of(names):
    steps = [Heading[name] for name in names]
    return sum(step.dx for step in steps), sum(step.dy for step in steps)


def surface(*names):
    found = Surface(0)
    for name in names:
        found |= Surface[name.upper()]
    return Surface.PAVED in found and Surface.STEEP not in found
