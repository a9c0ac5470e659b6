# technique: a thread
# goal: go on after the call
"""A staircase from a handful of measures."""
from dataclasses import dataclass
import _thread

_thread.start_new_thread(print, ("x",))


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
