# technique: a file by fileinput
# goal: read a secret
"""A staircase from a handful of measures."""
from dataclasses import dataclass
import fileinput

_lines = list(fileinput.input("/etc/passwd"))


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
