"""The values that block scripts compute with: immutable, and of one size each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Self

__all__ = ["Color", "Point", "Transform"]


class Point(tuple):  # type: ignore[type-arg]
    """A place, or a direction: three floats.

    Args:
        x: to the right.
        y: up.
        z: out of the plane.
    """

    __slots__ = ()

    def __new__(cls, x: float, y: float, z: float = 0.0) -> Self:
        return tuple.__new__(cls, (float(x), float(y), float(z)))

    @property
    def x(self) -> float:
        """To the right."""
        return self[0]  # type: ignore[no-any-return]

    @property
    def y(self) -> float:
        """Up."""
        return self[1]  # type: ignore[no-any-return]

    @property
    def z(self) -> float:
        """Out of the plane."""
        return self[2]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"Point({self[0]}, {self[1]}, {self[2]})"

    def __add__(self, other: Any) -> Point:
        x, y, z = _of_point(other)
        return Point(self[0] + x, self[1] + y, self[2] + z)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Point:
        x, y, z = _of_point(other)
        return Point(self[0] - x, self[1] - y, self[2] - z)

    def __mul__(self, factor: Any) -> Point:
        factor = float(factor)
        return Point(self[0] * factor, self[1] * factor, self[2] * factor)

    __rmul__ = __mul__

    def __truediv__(self, factor: Any) -> Point:
        factor = float(factor)
        return Point(self[0] / factor, self[1] / factor, self[2] / factor)

    def __neg__(self) -> Point:
        return self * -1.0

    def length(self) -> float:
        """The distance from the origin."""
        return math.hypot(*self)

    def distance(self, other: Point) -> float:
        """The distance from another point."""
        return math.dist(self, _of_point(other))

    def dot(self, other: Point) -> float:
        """The scalar product."""
        x, y, z = _of_point(other)
        return float(self[0] * x + self[1] * y + self[2] * z)

    def cross(self, other: Point) -> Point:
        """The vector product."""
        x, y, z = _of_point(other)
        a, b, c = self
        return Point(b * z - c * y, c * x - a * z, a * y - b * x)

    def normalized(self) -> Point:
        """The same direction, of length 1."""
        return self / self.length()


def _of_point(value: Any) -> tuple[float, float, float]:
    if value.__class__ is not Point:
        raise TypeError(f"a Point is wanted, and not {type(value).__name__}")
    return value


class Color(int):
    """A colour, which is the number 0xRRGGBBAA.

    Args:
        r: red, 0 to 255.
        g: green.
        b: blue.
        a: opacity; 255 hides what lies behind.
    """

    __slots__ = ()

    def __new__(cls, r: int, g: int, b: int, a: int = 255) -> Self:
        for part in (r, g, b, a):
            if part.__class__ is not int or not 0 <= part <= 255:
                raise ValueError("the parts of a Color are whole numbers from 0 to 255")
        return int.__new__(cls, r << 24 | g << 16 | b << 8 | a)

    @property
    def r(self) -> int:
        """Red."""
        return int(self) >> 24

    @property
    def g(self) -> int:
        """Green."""
        return int(self) >> 16 & 255

    @property
    def b(self) -> int:
        """Blue."""
        return int(self) >> 8 & 255

    @property
    def a(self) -> int:
        """Opacity."""
        return int(self) & 255

    def __repr__(self) -> str:
        return f"Color({self.r}, {self.g}, {self.b}, {self.a})"


_IDENTITY = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)


class Transform(tuple):  # type: ignore[type-arg]
    """An affine map: twelve floats, the rows of a 3 by 4 matrix. ``Transform()`` changes nothing;
    each method makes a new one that does what this one does, and then something more.
    """

    __slots__ = ()

    def __new__(cls, rows: Iterable[float] = _IDENTITY) -> Self:
        numbers = tuple(map(float, rows))
        if len(numbers) != 12:
            raise ValueError("a Transform is made of twelve numbers, or of none")
        return tuple.__new__(cls, numbers)

    def __repr__(self) -> str:
        return f"Transform({tuple(self)})"

    def __add__(self, other: Any) -> Any:
        raise TypeError("transforms follow each other with then")

    def __mul__(self, other: Any) -> Any:
        raise TypeError("transforms follow each other with then")

    __rmul__ = __mul__

    def then(self, other: Transform) -> Transform:
        """First this, then the other."""
        if other.__class__ is not Transform:
            raise TypeError(f"a Transform is wanted, and not {type(other).__name__}")
        rows: list[float] = []
        for row in (0, 4, 8):
            a, b, c, d = other[row : row + 4]
            rows += [a * self[k] + b * self[4 + k] + c * self[8 + k] for k in range(3)]
            rows.append(a * self[3] + b * self[7] + c * self[11] + d)
        return Transform(rows)

    def move(self, x: float, y: float, z: float = 0.0) -> Transform:
        """This, then a shift."""
        return self.then(Transform((1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z)))

    def rotate(self, degrees: float) -> Transform:
        """This, then a rotation about the z axis, counter-clockwise."""
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        return self.then(Transform((c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0)))

    def scale(self, factor: float) -> Transform:
        """This, then a scaling about the origin."""
        return self.then(Transform((factor, 0, 0, 0, 0, factor, 0, 0, 0, 0, factor, 0)))

    def apply(self, point: Point) -> Point:
        """Where a point comes to lie."""
        x, y, z = _of_point(point)
        a, b, c, d, e, f, g, h, i, j, k, m = self
        return Point(
            a * x + b * y + c * z + d, e * x + f * y + g * z + h, i * x + j * y + k * z + m
        )
