"""The box around a shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.fields import Transform
from vishwakarma_app.document.elements import Box

__all__ = ["box_of", "composed", "placed"]


def box_of(shape: shapes.Shape) -> Box | None:
    """The smallest box around a shape; None where it has no place of its own (a group), or where
    that depends on other elements (a member, a block instance).

    Text is taken to be 0.6 of its height wide for each character: fonts differ.
    """
    measure = _BOXES.get(type(shape))
    return None if measure is None else measure(shape)


def placed(box: Box, transform: Transform) -> Box:
    """The box around what a transform makes of a box."""
    corners = [
        tuple(
            transform[row] * x
            + transform[row + 1] * y
            + transform[row + 2] * z
            + transform[row + 3]
            for row in (0, 4, 8)
        )
        for x in (box.x1, box.x2)
        for y in (box.y1, box.y2)
        for z in (box.z1, box.z2)
    ]
    return _around3(corners)


def composed(outer: Transform, inner: Transform) -> Transform:
    """First the inner transform, then the outer one."""
    rows: list[float] = []
    for row in (0, 4, 8):
        a, b, c, d = outer[row : row + 4]
        rows += [a * inner[k] + b * inner[4 + k] + c * inner[8 + k] for k in range(3)]
        rows.append(a * inner[3] + b * inner[7] + c * inner[11] + d)
    return tuple(rows)


def _around2(points: Iterable[tuple[float, float]], low: float = 0.0, high: float = 0.0) -> Box:
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), low, max(xs), max(ys), high)


def _around3(points: Iterable[tuple[float, ...]]) -> Box:
    xs, ys, zs = zip(*points, strict=True)
    return Box(min(xs), min(ys), min(zs), max(xs), max(ys), max(zs))


def _arc(arc: shapes.Arc2D) -> Box:
    start = arc.start % 360.0
    sweep = (arc.end - arc.start) % 360.0 or 360.0
    angles = [start, start + sweep]
    angles += [turn for turn in range(0, 721, 90) if start <= turn <= start + sweep]
    return _around2(
        [
            (
                arc.x + arc.radius * math.cos(math.radians(angle)),
                arc.y + arc.radius * math.sin(math.radians(angle)),
            )
            for angle in angles
        ]
    )


def _text(text: shapes.Text2D) -> Box:
    width = 0.6 * text.height * len(text.text)
    cos, sin = math.cos(math.radians(text.rotation)), math.sin(math.radians(text.rotation))
    return _around2(
        [
            (text.x + cos * right - sin * up, text.y + sin * right + cos * up)
            for right in (0.0, width)
            for up in (0.0, text.height)
        ]
    )


def _round(shape: Any, below: float, above: float, radius: float) -> Box:
    return Box(
        shape.x - radius,
        shape.y - radius,
        shape.z - below,
        shape.x + radius,
        shape.y + radius,
        shape.z + above,
    )


_BOXES: dict[type[shapes.Shape], Callable[[Any], Box | None]] = {
    shapes.Point2D: lambda one: Box(one.x, one.y, 0.0, one.x, one.y, 0.0),
    shapes.Line2D: lambda one: _around2([(one.x1, one.y1), (one.x2, one.y2)]),
    shapes.Polyline2D: lambda one: _around2(one.points),
    shapes.Arc2D: _arc,
    shapes.Circle2D: lambda one: Box(
        one.x - one.radius,
        one.y - one.radius,
        0.0,
        one.x + one.radius,
        one.y + one.radius,
        0.0,
    ),
    shapes.Text2D: _text,
    shapes.Polygon2D: lambda one: _around2(one.points),
    shapes.Hatch2D: lambda one: _around2(one.points),
    shapes.Node3D: lambda one: Box(one.x, one.y, one.z, one.x, one.y, one.z),
    shapes.Polyline3D: lambda one: _around3(one.points),
    shapes.Cuboid3D: lambda one: Box(
        one.x, one.y, one.z, one.x + one.width, one.y + one.depth, one.z + one.height
    ),
    shapes.Cylinder3D: lambda one: _round(one, 0.0, one.height, one.radius),
    shapes.Cone3D: lambda one: _round(one, 0.0, one.height, max(one.radius, one.top)),
    shapes.Sphere3D: lambda one: _round(one, one.radius, one.radius, one.radius),
    shapes.Extrusion3D: lambda one: _around2(one.points, one.z, one.z + one.height),
    shapes.Mesh3D: lambda one: _around3(one.vertices) if one.vertices else None,
}
