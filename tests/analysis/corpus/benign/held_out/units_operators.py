# technique: none
# goal: quantities with units, by operator overloading

from __future__ import annotations

import functools
import re
from fractions import Fraction

_BASE = ("m", "kg", "s", "K")

_UNITS = {
    "m": (Fraction(1), (1, 0, 0, 0)),
    "km": (Fraction(1000), (1, 0, 0, 0)),
    "in": (Fraction(254, 10_000), (1, 0, 0, 0)),
    "ft": (Fraction(3048, 10_000), (1, 0, 0, 0)),
    "kg": (Fraction(1), (0, 1, 0, 0)),
    "g": (Fraction(1, 1000), (0, 1, 0, 0)),
    "s": (Fraction(1), (0, 0, 1, 0)),
    "h": (Fraction(3600), (0, 0, 1, 0)),
    "K": (Fraction(1), (0, 0, 0, 1)),
    "N": (Fraction(1), (1, 1, -2, 0)),
}

_WORD = re.compile(r"\s*(?P<number>[-+]?\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z/*0-9^-]+)\s*")


@functools.total_ordering
class Quantity:
    """A number and the exponents of its base units."""

    __slots__ = ("number", "dimension")
    __match_args__ = ("number", "dimension")

    def __init__(self, number, dimension=(0, 0, 0, 0)):
        self.number = Fraction(number)
        self.dimension = tuple(dimension)

    def __add__(self, other: Quantity) -> Quantity:
        self._same(other)
        return Quantity(self.number + other.number, self.dimension)

    def __mul__(self, other: Quantity | int) -> Quantity:
        match other:
            case Quantity(number, dimension):
                return Quantity(
                    self.number * number, [a + b for a, b in zip(self.dimension, dimension)]
                )
            case int() | Fraction():
                return Quantity(self.number * other, self.dimension)
        return NotImplemented

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Quantity:
        return Quantity(self.number**power, [a * power for a in self.dimension])

    def __truediv__(self, other: Quantity) -> Quantity:
        return self * other**-1

    def __eq__(self, other):
        if not isinstance(other, Quantity):
            return NotImplemented
        return (self.number, self.dimension) == (other.number, other.dimension)

    def __lt__(self, other):
        self._same(other)
        return self.number < other.number

    def __hash__(self):
        return hash((self.number, self.dimension))

    def __format__(self, spec):
        words = [f"{n}^{p}" if p != 1 else n for n, p in zip(_BASE, self.dimension) if p]
        return f"{float(self.number):{spec or 'g'}} {'·'.join(words)}".rstrip()

    def _same(self, other):
        if self.dimension != other.dimension:
            raise ValueError("these have different dimensions")


def parse(text):
    """A quantity of a text such as '12.5 km/h'."""
    found = _WORD.fullmatch(text)
    if not found:
        raise ValueError(f"no quantity: {text!r}")
    top, *below = found["unit"].split("/")
    factor, dimension = _UNITS[top]
    result = Quantity(Fraction(found["number"]) * factor, dimension)
    for unit in below:
        result = result / Quantity(*_UNITS[unit])
    return result


def convert(text, unit):
    return float((parse(text) / parse(f"1 {unit}")).number)


def show(text):
    return f"{parse(text):.4g}"
