"""What an element looks like on a screen: points, lines, areas, faces and texts.

A piece is made of an element's shape, or of the packed geometry of a block instance. Numbers are
doubles in coordinates of the document; :mod:`vishwakarma_app.web.frames` makes them small.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from vishwakarma_api.v1 import shapes
from vishwakarma_app.document import Document, Element
from vishwakarma_app.web.records import placed_records
from vishwakarma_drawing.lines import arc_points, hatch_lines, sweep_of
from vishwakarma_drawing.surfaces import Surface, face_normal, surface_of, triangles

__all__ = ["Label", "Piece", "Vertices", "piece_of"]

Vertices: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
"""Shape (n, 3)."""
Colors: TypeAlias = "np.ndarray[Any, np.dtype[np.uint32]]"
"""Shape (n,): 0xRRGGBBAA for each vertex."""

_MOST_FACES_WITH_EDGES = 20_000
_SHARP = math.cos(math.radians(20))
_EDGE = 0.45


class Label(NamedTuple):
    """A text: where its base line begins, and where it and its height point to.

    ``right`` is as long as a unit along the base line, ``up`` as long as one across it.
    """

    text: str
    at: tuple[float, float, float]
    right: tuple[float, float, float]
    up: tuple[float, float, float]
    height: float
    color: int


class Piece(NamedTuple):
    """What one element looks like.

    Attributes:
        points: one vertex each.
        lines: two vertices each.
        areas: three vertices for each triangle, which has the colour that it says.
        faces: three vertices for each triangle of a solid, which is shaded.
        colors: those of points, lines, areas and faces, in this order.
        labels: texts.
    """

    points: Vertices
    lines: Vertices
    areas: Vertices
    faces: Vertices
    colors: Colors
    labels: Sequence[Label] = ()


def piece_of(document: Document, element: Element) -> Piece:
    """What an element looks like; nothing for a group, and for a block that was not evaluated."""
    color = document.color_of(element)
    shape = element.shape
    if isinstance(shape, shapes.BlockInstance):
        geometry = document.geometry(element.id)
        if geometry is None:
            return _piece(color)
        drawn = placed_records(geometry.data, document.placement(element.id), color)
        labels = [Label(*one) for one in drawn.labels]
        return Piece(drawn.points, drawn.lines, drawn.areas, drawn.faces, drawn.colors, labels)
    if isinstance(shape, shapes.Member3D):
        ends = [document[one].shape for one in (shape.start, shape.end)]
        return _piece(color, lines=[(end.x, end.y, end.z) for end in ends])  # type: ignore[attr-defined]
    surface = surface_of(shape)
    if surface is not None:
        return _solid(surface, color)
    draw = _FLAT.get(type(shape))
    return _piece(color) if draw is None else draw(shape, color)


def _vertices(rows: Iterable[Sequence[float]]) -> Vertices:
    """Rows of two or three numbers; z is 0 where there is none."""
    given = np.array(list(rows), np.float64)
    if not given.size:
        return np.empty((0, 3))
    found = np.zeros((len(given), 3))
    found[:, : given.shape[1]] = given
    return found


def _piece(
    color: int,
    *,
    points: Iterable[Sequence[float]] = (),
    lines: Iterable[Sequence[float]] = (),
    areas: Iterable[Sequence[float]] = (),
    labels: Sequence[Label] = (),
) -> Piece:
    dots, wires, flat = _vertices(points), _vertices(lines), _vertices(areas)
    colors = np.full(len(dots) + len(wires) + len(flat), color, np.uint32)
    return Piece(dots, wires, flat, np.empty((0, 3)), colors, labels)


def _path(points: Sequence[Sequence[float]], *, closed: bool) -> list[Sequence[float]]:
    """The ends of the lines through some points."""
    around = [*points, points[0]] if closed else points
    return [end for pair in itertools.pairwise(around) for end in pair]


def _area(shape: Any, color: int) -> Piece:
    outline = [(x, y, 0.0) for x, y in shape.points]
    if len(outline) > 3 and outline[0] == outline[-1]:
        outline.pop()
    cut = triangles(Surface(outline, [range(len(outline))])) if len(outline) > 2 else []
    return _piece(color, areas=[outline[corner] for one in cut for corner in one])


def _hatch(shape: Any, color: int) -> Piece:
    rows = hatch_lines(shape)
    if rows is None:  # so dense that it is an area, and a faint one
        return _area(shape, (color & ~0xFF) | (color & 0xFF) // 3)
    return _piece(color, lines=[end for line in rows for end in line])


def _text(shape: Any, color: int) -> Piece:
    turn = math.radians(shape.rotation)
    cos, sin = math.cos(turn), math.sin(turn)
    label = Label(
        shape.text, (shape.x, shape.y, 0.0), (cos, sin, 0.0), (-sin, cos, 0.0), shape.height, color
    )
    return _piece(color, labels=[label])


_FLAT: dict[type[shapes.Shape], Callable[[Any, int], Piece]] = {
    shapes.Point2D: lambda one, color: _piece(color, points=[(one.x, one.y)]),
    shapes.Node3D: lambda one, color: _piece(color, points=[(one.x, one.y, one.z)]),
    shapes.Line2D: lambda one, color: _piece(color, lines=[(one.x1, one.y1), (one.x2, one.y2)]),
    shapes.Polyline2D: lambda one, color: _piece(color, lines=_path(one.points, closed=one.closed)),
    shapes.Polyline3D: lambda one, color: _piece(color, lines=_path(one.points, closed=one.closed)),
    shapes.Arc2D: lambda one, color: _piece(
        color,
        lines=_path(arc_points(one.x, one.y, one.radius, one.start, sweep_of(one)), closed=False),
    ),
    shapes.Circle2D: lambda one, color: _piece(
        color, lines=_path(arc_points(one.x, one.y, one.radius), closed=False)
    ),
    shapes.Text2D: _text,
    shapes.Polygon2D: _area,
    shapes.Hatch2D: _hatch,
}


def _solid(surface: Surface, color: int) -> Piece:
    vertices = _vertices(surface.vertices)
    corners = np.array(triangles(surface), np.int64).reshape(-1)
    faces = vertices[corners] if len(corners) else np.empty((0, 3))
    edges = vertices[_edges(surface)]
    colors = np.full(len(edges) + len(faces), color, np.uint32)
    colors[: len(edges)] = _darker(color)
    return Piece(np.empty((0, 3)), edges, np.empty((0, 3)), faces, colors)


def _edges(surface: Surface) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Both ends of the edges that one sees: where two faces meet at an angle, or one ends."""
    if len(surface.faces) > _MOST_FACES_WITH_EDGES:
        return np.empty(0, np.int64)
    normals = [_unit(face_normal([surface.vertices[one] for one in f])) for f in surface.faces]
    sides: dict[tuple[int, int], list[int]] = {}
    for index, face in enumerate(surface.faces):
        for a, b in zip(face, [*face[1:], face[0]], strict=True):
            sides.setdefault((a, b) if a < b else (b, a), []).append(index)
    found = [
        edge
        for edge, beside in sides.items()
        if len(beside) != 2
        or sum(p * q for p, q in zip(normals[beside[0]], normals[beside[1]], strict=True)) < _SHARP
    ]
    return np.array(found, np.int64).reshape(-1)


def _unit(normal: tuple[float, float, float]) -> tuple[float, ...]:
    length = math.hypot(*normal)
    return tuple(one / length for one in normal) if length else normal


def _darker(color: int) -> int:
    red, green, blue = (int(((color >> shift) & 0xFF) * _EDGE) for shift in (24, 16, 8))
    return red << 24 | green << 16 | blue << 8 | color & 0xFF
