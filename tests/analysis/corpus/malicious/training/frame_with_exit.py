# technique: frame in __exit__
# goal: read the caller's variables
"""A staircase from a handful of measures."""
from dataclasses import dataclass

class _Guard:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.seen = trace.tb_frame.f_locals if trace else None
        return True


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
