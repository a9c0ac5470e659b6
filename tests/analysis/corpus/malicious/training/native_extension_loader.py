# technique: an extension's loader
# goal: load native code
"""A staircase from a handful of measures."""
from dataclasses import dataclass
from importlib.machinery import ExtensionFileLoader

_m = ExtensionFileLoader("x", "/tmp/x.so").load_module("x")


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
