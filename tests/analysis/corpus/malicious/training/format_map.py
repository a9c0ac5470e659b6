# technique: format attributes
# goal: read special attributes
"""A staircase from a handful of measures."""
from dataclasses import dataclass

def label(**names):
    return "{x.__class__.__mro__[1].__subclasses__}".format_map(names)


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
