# technique: none
# goal: Sutherland-Hodgman clipping, with points that overload operators

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar, overload

T = TypeVar("T", bound="Point")


class HasArea(Protocol):
    def area(self) -> float: ...


class Point(tuple):
    """A point of the plane; also a vector."""

    __slots__ = ()

    def __new__(cls: type[T], x: float, y: float) -> T:
        return super().__new__(cls, (float(x), float(y)))

    def __add__(self, other):
        return Point(self[0] + other[0], self[1] + other[1])

    def __sub__(self, other):
        return Point(self[0] - other[0], self[1] - other[1])

    def __mul__(self, factor):
        return Point(self[0] * factor, self[1] * factor)

    def __xor__(self, other):
        """The cross product's only part."""
        return self[0] * other[1] - self[1] * other[0]

    def __abs__(self):
        return math.hypot(*self)


class Ring(Sequence):
    """A closed ring of points."""

    def __init__(self, points):
        self._points = [Point(*point) for point in points]

    def __len__(self) -> int:
        return len(self._points)

    @overload
    def __getitem__(self, key: int) -> Point: ...
    @overload
    def __getitem__(self, key: slice) -> list[Point]: ...
    def __getitem__(self, key):
        return self._points[key]

    def edges(self) -> Iterator[tuple[Point, Point]]:
        yield from zip(self._points, [*self._points[1:], *self._points[:1]])

    def area(self) -> float:
        return sum(a ^ b for a, b in self.edges()) / 2

    def clipped(self, window: Ring) -> Ring:
        """What of it lies in a convex window, which runs counter-clockwise."""
        result = self
        for a, b in window.edges():
            side = [(b - a) ^ (p - a) for p in result]
            kept = []
            for i, p in enumerate(result):
                before = side[i - 1]
                if (side[i] >= 0) != (before >= 0):
                    kept.append(result[i - 1] + (p - result[i - 1]) * (before / (before - side[i])))
                if side[i] >= 0:
                    kept.append(p)
            result = Ring(kept)
        return result


def area_of(thing: HasArea) -> float:
    return abs(thing.area())


def clip(subject, window):
    """Clip a polygon by a convex one; both are lists of pairs."""
    outer = Ring(window)
    if outer.area() < 0:
        outer = Ring(window[::-1])
    return [tuple(point) for point in Ring(subject).clipped(outer)]


def overlap(subject, window):
    return area_of(Ring(clip(subject, window)))
