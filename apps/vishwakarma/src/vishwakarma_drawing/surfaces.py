"""Solids as faces: vertices, and for each face the positions of its corners, counter-clockwise
when seen from outside.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from vishwakarma_api.v1 import shapes

__all__ = ["SEGMENTS", "Surface", "face_normal", "sides_of", "surface_of", "triangles"]

SEGMENTS = 32
"""Flat sides of what is round."""


class Surface(NamedTuple):
    """Faces over vertices."""

    vertices: Sequence[tuple[float, float, float]]
    faces: Sequence[Sequence[int]]


def surface_of(shape: shapes.Shape, segments: int = SEGMENTS) -> Surface | None:
    """The surface of a solid; None for what has none."""
    make = _SURFACES.get(type(shape))
    return None if make is None else make(shape, segments)


def sides_of(shape: shapes.Shape) -> tuple[float, float, float, float, float, float] | None:
    """The smallest and the largest x, y and z of a solid; None for what has no surface."""
    match shape:
        case shapes.Cuboid3D():
            x, y, z = shape.x, shape.y, shape.z
            return (x, y, z, x + shape.width, y + shape.depth, z + shape.height)
        case shapes.Cylinder3D() | shapes.Cone3D():
            x, y, z = shape.x, shape.y, shape.z
            radius = max(shape.radius, getattr(shape, "top", 0.0))
            return (x - radius, y - radius, z, x + radius, y + radius, z + shape.height)
        case shapes.Sphere3D():
            x, y, z, r = shape.x, shape.y, shape.z, shape.radius
            return (x - r, y - r, z - r, x + r, y + r, z + r)
        case shapes.Extrusion3D():
            xs, ys = zip(*shape.points, strict=True)
            return (min(xs), min(ys), shape.z, max(xs), max(ys), shape.z + shape.height)
        case shapes.Mesh3D() if shape.vertices:
            xs, ys, zs = zip(*shape.vertices, strict=True)
            return (min(xs), min(ys), min(zs), max(xs), max(ys), max(zs))
        case _:
            return None


def triangles(surface: Surface) -> list[tuple[int, int, int]]:
    """The faces as triangles, each face as a fan around its first corner; faces of extrusions
    that are not convex are cut by their ears.
    """
    found: list[tuple[int, int, int]] = []
    for face in surface.faces:
        if len(face) <= 4:
            found.extend((face[0], face[i], face[i + 1]) for i in range(1, len(face) - 1))
        else:
            found.extend(_ears(surface.vertices, face))
    return found


def face_normal(corners: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Where a face looks, as long as twice its area (Newell's method)."""
    x = y = z = 0.0
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        x += (a[1] - b[1]) * (a[2] + b[2])
        y += (a[2] - b[2]) * (a[0] + b[0])
        z += (a[0] - b[0]) * (a[1] + b[1])
    return (x, y, z)


def _ears(
    vertices: Sequence[tuple[float, float, float]], face: Sequence[int]
) -> list[tuple[int, int, int]]:
    """Ear clipping in the plane in which the face is largest; a fan when it crosses itself."""
    if len(face) > 500:  # clipping takes the square of that
        return [(face[0], face[i], face[i + 1]) for i in range(1, len(face) - 1)]
    normal = face_normal([vertices[one] for one in face])
    axis = max(range(3), key=lambda one: abs(normal[one]))
    u, v = [(1, 2), (2, 0), (0, 1)][axis]
    sign = 1.0 if normal[axis] >= 0 else -1.0

    def turn(a: int, b: int, c: int) -> float:
        p, q, r = vertices[a], vertices[b], vertices[c]
        return sign * ((q[u] - p[u]) * (r[v] - p[v]) - (q[v] - p[v]) * (r[u] - p[u]))

    left = list(face)
    found = []
    while len(left) > 3:
        for i, b in enumerate(left):
            a, c = left[i - 1], left[(i + 1) % len(left)]
            if turn(a, b, c) <= 0:
                continue
            others = (one for one in left if one not in {a, b, c})
            if not any(
                turn(a, b, p) >= 0 and turn(b, c, p) >= 0 and turn(c, a, p) >= 0 for p in others
            ):
                found.append((a, b, c))
                del left[i]
                break
        else:
            break
    found.extend((left[0], left[i], left[i + 1]) for i in range(1, len(left) - 1))
    return found


@functools.lru_cache(maxsize=400)
def _circle(count: int) -> list[tuple[float, float]]:
    turns = [2 * math.pi * i / count for i in range(count)]
    return [(math.cos(turn), math.sin(turn)) for turn in turns]


def _ring(x: float, y: float, z: float, radius: float, count: int) -> list[Any]:
    return [(x + radius * cos, y + radius * sin, z) for cos, sin in _circle(count)]


def _prism(below: list[Any], above: list[Any]) -> Surface:
    """Two outlines of as many corners, one over the other."""
    n = len(below)
    sides = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
    return Surface([*below, *above], [tuple(range(n - 1, -1, -1)), tuple(range(n, 2 * n)), *sides])


def _cuboid(one: shapes.Cuboid3D, _: int) -> Surface:
    x, y, z = one.x + one.width, one.y + one.depth, one.z + one.height
    corners = [(one.x, one.y), (x, one.y), (x, y), (one.x, y)]
    return _prism([(*c, one.z) for c in corners], [(*c, z) for c in corners])


def _cylinder(one: shapes.Cylinder3D, n: int) -> Surface:
    below = _ring(one.x, one.y, one.z, one.radius, n)
    return _prism(below, _ring(one.x, one.y, one.z + one.height, one.radius, n))


def _cone(one: shapes.Cone3D, n: int) -> Surface:
    below = _ring(one.x, one.y, one.z, one.radius, n)
    if one.top > 0:
        return _prism(below, _ring(one.x, one.y, one.z + one.height, one.top, n))
    sides = [(i, (i + 1) % n, n) for i in range(n)]
    tip = (one.x, one.y, one.z + one.height)
    return Surface([*below, tip], [tuple(range(n - 1, -1, -1)), *sides])


def _sphere(one: shapes.Sphere3D, n: int) -> Surface:
    rows = n // 2
    vertices: list[Any] = [(one.x, one.y, one.z - one.radius)]
    for row in range(1, rows):
        turn = math.pi * (row / rows - 0.5)
        z = one.z + one.radius * math.sin(turn)
        vertices += _ring(one.x, one.y, z, one.radius * math.cos(turn), n)
    vertices.append((one.x, one.y, one.z + one.radius))
    last, top = len(vertices) - 1, 1 + (rows - 2) * n
    faces: list[Any] = [(0, 1 + (i + 1) % n, 1 + i) for i in range(n)]
    for row in range(rows - 2):
        a = 1 + row * n
        faces += [(a + i, a + (i + 1) % n, a + n + (i + 1) % n, a + n + i) for i in range(n)]
    faces += [(top + i, top + (i + 1) % n, last) for i in range(n)]
    return Surface(vertices, faces)


def _extrusion(one: shapes.Extrusion3D, _: int) -> Surface:
    points = list(one.points)
    if len(points) > 2 and points[0] == points[-1]:
        points.pop()
    area = sum(
        a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True)
    )
    if area < 0:
        points.reverse()
    return _prism([(*p, one.z) for p in points], [(*p, one.z + one.height) for p in points])


_SURFACES: dict[type[shapes.Shape], Callable[[Any, int], Surface]] = {
    shapes.Cuboid3D: _cuboid,
    shapes.Cylinder3D: _cylinder,
    shapes.Cone3D: _cone,
    shapes.Sphere3D: _sphere,
    shapes.Extrusion3D: _extrusion,
    shapes.Mesh3D: lambda one, _: Surface(one.vertices, one.faces),
}
