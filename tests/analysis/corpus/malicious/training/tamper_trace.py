# technique: a trace function
# goal: watch and change other code
"""A staircase from a handful of measures."""
from dataclasses import dataclass
import sys

sys.settrace(lambda frame, event, argument: None)


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
