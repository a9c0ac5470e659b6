# technique: __self__ of a builtin
# goal: import what is not allowed
"""A staircase from a handful of measures."""
from dataclasses import dataclass

_bring = getattr(len.__self__, "__import__")
_bring("os")


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
