"""What draws: functions that put records onto a list of numbers, seven for each record."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from ringfence_guest.blocks.values import Color, Point
from ringfence_guest.protocol.geometry import (
    BLACK,
    FIELDS,
    LEAST_VERTICES,
    NOT_NEGATIVE,
    POSITIVE,
    Kind,
)

__all__ = ["MOST_TEXT", "Draw", "make_checking", "make_primitives"]

Draw = Callable[[tuple[Any, ...]], object]
MOST_TEXT = 1_000
"""Characters of one text."""

_EXTRUSION, _POLYGON, _POLYLINE = int(Kind.EXTRUSION), int(Kind.POLYGON), int(Kind.POLYLINE)
_TEXT, _VERTEX = int(Kind.TEXT), int(Kind.VERTEX)


def _meta(kind: int, color: Any) -> int:
    if color.__class__ is not int and color.__class__ is not Color:
        raise TypeError(f"color is a number, 0xRRGGBBAA, or a Color, not {type(color).__name__}")
    if not 0 <= color <= 0xFFFFFFFF:
        raise ValueError(f"color={color} is not 0xRRGGBBAA")
    return int(color) << 32 | kind


def make_primitives(draw: Draw, texts: list[str]) -> dict[str, Callable[..., None]]:
    """The functions, by name.

    Args:
        draw: takes the seven numbers of a record.
        texts: where the strings of texts go.
    """

    def point(x: float, y: float, z: float = 0.0, color: int = BLACK) -> None:
        draw((x, y, z, 0.0, 0.0, 0.0, _meta(Kind.POINT, color)))

    def line(x1: float, y1: float, x2: float, y2: float, color: int = BLACK) -> None:
        draw((x1, y1, x2, y2, 0.0, 0.0, _meta(Kind.LINE, color)))

    def line3(
        x1: float, y1: float, z1: float, x2: float, y2: float, z2: float, color: int = BLACK
    ) -> None:
        draw((x1, y1, z1, x2, y2, z2, _meta(Kind.LINE3, color)))

    def circle(x: float, y: float, radius: float, color: int = BLACK) -> None:
        draw((x, y, radius, 0.0, 0.0, 0.0, _meta(Kind.CIRCLE, color)))

    def arc(
        x: float, y: float, radius: float, start: float, end: float, color: int = BLACK
    ) -> None:
        draw((x, y, radius, start, end, 0.0, _meta(Kind.ARC, color)))

    def text(
        x: float, y: float, string: str, height: float = 1.0, angle: float = 0.0, color: int = BLACK
    ) -> None:
        if string.__class__ is not str:
            raise TypeError(f"string is text, not {type(string).__name__}; write str(…)")
        if len(string) > MOST_TEXT:
            raise ValueError(f"a text has at most {MOST_TEXT} characters")
        index = len(texts)
        texts.append(string)
        draw((x, y, height, angle, index, 0.0, _meta(_TEXT, color)))

    def shape(kind: int, points: Iterable[Any], height: float, color: int) -> None:
        meta = _meta(kind, color)
        vertices = [_vertex(one) for one in points]
        if len(vertices) < LEAST_VERTICES[Kind(kind)]:
            name = Kind(kind).name.lower()
            raise ValueError(f"a {name} has at least {LEAST_VERTICES[Kind(kind)]} points")
        draw((len(vertices), height, 0.0, 0.0, 0.0, 0.0, meta))
        of_vertex = _meta(_VERTEX, color)
        for x, y, z in vertices:
            draw((x, y, z, 0.0, 0.0, 0.0, of_vertex))

    def polyline(points: Iterable[Any], color: int = BLACK) -> None:
        shape(_POLYLINE, points, 0.0, color)

    def polygon(points: Iterable[Any], color: int = BLACK) -> None:
        shape(_POLYGON, points, 0.0, color)

    def extrusion(points: Iterable[Any], height: float, color: int = BLACK) -> None:
        shape(_EXTRUSION, points, height, color)

    def cuboid(
        x: float, y: float, z: float, dx: float, dy: float, dz: float, color: int = BLACK
    ) -> None:
        draw((x, y, z, dx, dy, dz, _meta(Kind.CUBOID, color)))

    def cylinder(
        x: float, y: float, z: float, radius: float, height: float, color: int = BLACK
    ) -> None:
        draw((x, y, z, radius, height, 0.0, _meta(Kind.CYLINDER, color)))

    def cone(
        x: float, y: float, z: float, radius: float, top: float, height: float, color: int = BLACK
    ) -> None:
        draw((x, y, z, radius, top, height, _meta(Kind.CONE, color)))

    def sphere(x: float, y: float, z: float, radius: float, color: int = BLACK) -> None:
        draw((x, y, z, radius, 0.0, 0.0, _meta(Kind.SPHERE, color)))

    drawing: list[Callable[..., None]] = [
        point, line, line3, circle, arc, text, polyline, polygon, extrusion, cuboid, cylinder,
        cone, sphere,
    ]  # fmt: skip
    return {function.__name__: function for function in drawing}


def _vertex(one: Any) -> tuple[float, float, float]:
    if one.__class__ is Point:
        return one
    if one.__class__ is tuple and len(one) in (2, 3):
        return one if len(one) == 3 else (*one, 0.0)
    raise TypeError("points are Point(x, y), (x, y) or (x, y, z)")


def make_checking(draw: Draw) -> Draw:
    """A ``draw`` that refuses what the host would: slower, and in the line that is at fault."""

    def check(record: tuple[Any, ...]) -> None:
        kind = Kind(record[6] & 0xFFFFFFFF)
        name, fields = kind.name.lower(), FIELDS[kind]
        for field, value in zip(fields, record, strict=False):
            if value.__class__ is not float and value.__class__ is not int:
                raise TypeError(f"{name}: {field} is a number, not {type(value).__name__}")
            if not math.isfinite(value):
                raise ValueError(f"{name}: {field} is {value}")
        for index in POSITIVE.get(kind, ()):
            if record[index] <= 0:
                raise ValueError(f"{name}: {fields[index]} is {record[index]}, not more than 0")
        for index in NOT_NEGATIVE.get(kind, ()):
            if record[index] < 0:
                raise ValueError(f"{name}: {fields[index]} is {record[index]}, less than 0")
        draw(record)

    return check
