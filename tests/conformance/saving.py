"""What the tests of saved sessions share."""

from __future__ import annotations

from collections.abc import Callable

from ringfence import Sandbox
from tests.support.snapshots import KEY

__all__ = ["KEY", "SOURCE", "Copy", "Restore", "lies"]


Restore = Callable[..., Sandbox]
Copy = Callable[..., Sandbox]

SOURCE = '''
from dataclasses import dataclass, field
import xml.etree.ElementTree as ET, os.path
import collections.abc
from math import sqrt as root
try:
    import json
except ImportError:
    json = None
from collections import namedtuple
from typing import NamedTuple, TypeVar
from enum import Enum
import functools

T = TypeVar("T")
Pair = namedtuple("Pair", "a b")
square = lambda x: x * x
table = {"double": lambda x: 2 * x, "name": "table"}

class Color(Enum):
    RED = 1

@dataclass(order=True)
class Point:
    """A point."""
    x: float
    y: float = 2.0
    tags: list = field(default_factory=list)

    class Inner:
        pass

    def norm(self):
        return root(self.x ** 2 + self.y ** 2)

class Named(NamedTuple):
    n: int

def outer(x, *, y=3):
    "Doc."
    return x + y + len(points)

@functools.lru_cache(maxsize=None)
def cached(n):
    return n + 1

def shout(function):
    @functools.wraps(function)
    def wrapper(*args):
        return str(function(*args)).upper()
    return wrapper

@shout
def greet(name): return f"hello {name}"

async def later(x):
    return x

if True:
    def within(): return "if"
    class Below:
        z = 1

points = [Point(3.0, 4.0)]
inner = Point.Inner()
pair = Pair(1, 2)
named = Named(5)
red = Color.RED
alias = outer
mod = json
'''


def lies(value: str) -> str:
    return f"state = progress.__self__.state\nstate.save = lambda limit: {value}"
