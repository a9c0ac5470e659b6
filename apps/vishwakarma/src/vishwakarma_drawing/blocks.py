"""What a block drew, as shapes, where the block stands.

The bytes are those that a document keeps of an evaluated instance::

    "VKG1"  u32 records  {6 f64  u32 kind  u32 colour}  texts, a list in JSON

Kinds and their numbers are those of ``ringfence.blocks``. Under a transform that turns about the z
axis, moves and scales evenly, each primitive stays what it is as far as there is such a shape;
under another one, or above the plane, what is flat becomes lines or a face in space, and a solid a
mesh. Text lies in the plane always.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.elements import Element
from vishwakarma_api.v1.fields import Transform
from vishwakarma_drawing.lines import arc_points
from vishwakarma_drawing.surfaces import Surface, surface_of

__all__ = ["elements_of", "shapes_of"]

_MAGIC = b"VKG1"
_HEAD = 8
_RECORD = struct.Struct("<6dII")
_UNCOLOURED = 0x000000FF  # what a script draws in when it says nothing
_EVEN = 1e-9
_VERTEX = 14


class _Place(NamedTuple):
    """A transform, and what it does to shapes.

    Attributes:
        rows: its twelve numbers.
        scale: by how much it scales; 0: unevenly, or it does not keep the z axis upright.
        turn: by how many degrees it turns about the z axis.
        mirrored: whether left becomes right.
        plane: whether the plane stays the plane.
    """

    rows: Sequence[float]
    scale: float
    turn: float
    mirrored: bool
    plane: bool

    def point(self, x: float, y: float, z: float = 0.0) -> tuple[float, float, float]:
        a, b, c, d, e, f, g, h, i, j, k, m = self.rows
        return a * x + b * y + c * z + d, e * x + f * y + g * z + h, i * x + j * y + k * z + m


def _place(transform: Transform) -> _Place:
    a, b, c, _, e, f, g, _, i, j, k, m = transform
    scale = math.hypot(a, e)
    small = _EVEN * scale
    upright = abs(c) <= small and abs(g) <= small and abs(i) <= small and abs(j) <= small
    mirrored = a * f - b * e < 0
    sign = -1.0 if mirrored else 1.0
    even = abs(b + sign * e) <= small and abs(f - sign * a) <= small and abs(k - scale) <= small
    plane = abs(i) <= small and abs(j) <= small and abs(m) <= _EVEN
    # Engines differ in the last digits of their mathematics.
    turn = round(math.degrees(math.atan2(e, a)), 9)
    return _Place(transform, scale if upright and even and scale else 0.0, turn, mirrored, plane)


def elements_of(element: Element, data: bytes, transform: Transform) -> list[Element]:
    """What a block instance drew, as elements with its id and layer.

    Args:
        element: the instance.
        data: what it drew; see this module.
        transform: where its coordinates come to lie in the document.

    Raises:
        ValueError: the bytes are something else.
    """
    own = element.color
    return [
        Element(
            element.id,
            shape,
            element.parent,
            element.layer,
            own if color == _UNCOLOURED else color,
        )
        for shape, color in shapes_of(data, transform)
    ]


def shapes_of(data: bytes, transform: Transform) -> Iterator[tuple[shapes.Shape, int]]:
    """The shapes, each with its colour.

    Raises:
        ValueError: the bytes are something else.
    """
    if data[:4] != _MAGIC or len(data) < _HEAD:
        raise ValueError("these bytes are no geometry of a block")
    (count,) = struct.unpack_from("<I", data, 4)
    end = _HEAD + count * _RECORD.size
    if end > len(data):
        raise ValueError("the geometry of a block is not whole")
    texts = json.loads(data[end:])
    place = _place(transform)
    records = _RECORD.iter_unpack(memoryview(data)[_HEAD:end])
    for *numbers, kind, color in records:
        vertices: list[tuple[float, ...]] = []
        if kind in _WITH_VERTICES:
            for _ in range(int(numbers[0])):
                vertex = next(records, None)
                if vertex is None or vertex[6] != _VERTEX:
                    raise ValueError("a shape of a block has not all of its vertices")
                vertices.append(vertex[:3])
        make = _SHAPES.get(kind)
        if make is None:
            raise ValueError(f"a block has a primitive of kind {kind}, which is not known here")
        yield make(place, numbers, vertices, texts), color


def _point(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    x, y, z = place.point(*d[:3])
    return shapes.Point2D(x, y) if z == 0 else shapes.Node3D(x, y, z)


def _wire(place: _Place, points: Sequence[tuple[float, ...]]) -> shapes.Shape:
    """Lines through points: in the plane, if they all lie in it."""
    placed = [place.point(*one) for one in points]
    if all(z == 0 for _, _, z in placed):
        if len(placed) == 2:
            return shapes.Line2D(*placed[0][:2], *placed[1][:2])
        return shapes.Polyline2D([(x, y) for x, y, _ in placed])
    return shapes.Polyline3D(placed)


def _line(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    return _wire(place, [(d[0], d[1]), (d[2], d[3])])


def _line3(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    return _wire(place, [(d[0], d[1], d[2]), (d[3], d[4], d[5])])


def _circle(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    if place.scale and place.plane:
        x, y, _z = place.point(d[0], d[1])
        return shapes.Circle2D(x, y, place.scale * d[2])
    return _wire(place, arc_points(d[0], d[1], d[2]))


def _arc(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    start, end = d[3], d[4]
    sweep = (end - start) % 360.0 or 360.0
    if place.scale and place.plane:
        x, y, _z = place.point(d[0], d[1])
        if place.mirrored:
            start = -start - sweep
        start = (start + place.turn) % 360.0
        return shapes.Arc2D(x, y, place.scale * d[2], start, start + sweep)
    return _wire(place, arc_points(d[0], d[1], d[2], start, sweep))


def _text(place: _Place, d: list[float], _: Any, texts: list[str]) -> shapes.Shape:
    x, y, _z = place.point(d[0], d[1])
    turn = math.radians(d[3])
    base, up = place.rows[:2], place.rows[4:6]
    across = base[0] * math.cos(turn) + base[1] * math.sin(turn)
    along = up[0] * math.cos(turn) + up[1] * math.sin(turn)
    height = d[2] * (math.hypot(across, along) or 1.0)
    angle = round(math.degrees(math.atan2(along, across)), 9)
    return shapes.Text2D(texts[int(d[4])], x, y, height, angle)


def _polyline(place: _Place, _d: Any, vertices: list[tuple[float, ...]], _t: Any) -> shapes.Shape:
    return _wire(place, vertices)


def _polygon(place: _Place, _d: Any, vertices: list[tuple[float, ...]], _t: Any) -> shapes.Shape:
    placed = [place.point(*one) for one in vertices]
    if all(z == 0 for _, _, z in placed):
        return shapes.Polygon2D([(x, y) for x, y, _ in placed])
    return shapes.Mesh3D(placed, [tuple(range(len(placed)))])


def _solid(place: _Place, shape: shapes.Shape) -> shapes.Shape:
    """A solid where there is no shape for it: its surface."""
    surface = surface_of(shape) or Surface([], [])
    placed = [place.point(*one) for one in surface.vertices]
    a, b, c, _, e, f, g, _, i, j, k, _ = place.rows
    inverted = a * (f * k - g * j) - b * (e * k - g * i) + c * (e * j - f * i) < 0
    faces = [tuple(face[::-1] if inverted else face) for face in surface.faces]
    return shapes.Mesh3D(placed, faces)


def _cuboid(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    x, y, z, dx, dy, dz = d
    s = place.scale
    if not s:
        return _solid(place, shapes.Cuboid3D(x, y, z, dx, dy, dz))
    if place.turn == 0 and not place.mirrored:
        return shapes.Cuboid3D(*place.point(x, y, z), s * dx, s * dy, s * dz)
    corners = [(x, y), (x + dx, y), (x + dx, y + dy), (x, y + dy)]
    outline = [place.point(*one, z) for one in corners]
    return shapes.Extrusion3D([(u, v) for u, v, _ in outline], s * dz, outline[0][2])


def _cylinder(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    x, y, z, radius, height = d[:5]
    s = place.scale
    if not s:
        return _solid(place, shapes.Cylinder3D(x, y, z, radius, height))
    return shapes.Cylinder3D(*place.point(x, y, z), s * radius, s * height)


def _cone(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    x, y, z, radius, top, height = d
    s = place.scale
    if not s:
        return _solid(place, shapes.Cone3D(x, y, z, radius, height, top))
    return shapes.Cone3D(*place.point(x, y, z), s * radius, s * height, s * top)


def _sphere(place: _Place, d: list[float], *_: Any) -> shapes.Shape:
    x, y, z, radius = d[:4]
    if not place.scale:
        return _solid(place, shapes.Sphere3D(x, y, z, radius))
    return shapes.Sphere3D(*place.point(x, y, z), place.scale * radius)


def _extrusion(
    place: _Place, d: list[float], vertices: list[tuple[float, ...]], _t: Any
) -> shapes.Shape:
    height, z = d[1], vertices[0][2]
    if all(one[2] == z for one in vertices):
        if place.scale:
            outline = [place.point(*one) for one in vertices]
            points = [(u, v) for u, v, _ in outline]
            return shapes.Extrusion3D(points, place.scale * height, outline[0][2])
        flat = [(x, y) for x, y, _ in vertices]
        return _solid(place, shapes.Extrusion3D(flat, height, z))
    n = len(vertices)
    above = [(x, y, z + height) for x, y, z in vertices]
    placed = [place.point(*one) for one in [*vertices, *above]]
    sides = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
    faces = [tuple(range(n - 1, -1, -1)), tuple(range(n, 2 * n)), *sides]
    return shapes.Mesh3D(placed, faces)


_WITH_VERTICES = {7, 8, 13}
_SHAPES: dict[int, Callable[..., shapes.Shape]] = {
    1: _point,
    2: _line,
    3: _line3,
    4: _circle,
    5: _arc,
    6: _text,
    7: _polyline,
    8: _polygon,
    9: _cuboid,
    10: _cylinder,
    11: _cone,
    12: _sphere,
    13: _extrusion,
}
