"""The packed geometry of a block instance as points, lines, triangles and texts: whole kinds of
records at a time, since a model holds millions of them.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ringfence import blocks
from vishwakarma_app.blocks.geometry import unpacked
from vishwakarma_drawing.surfaces import Surface, triangles

__all__ = ["LARGEST", "Drawn", "placed_records"]

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Point: TypeAlias = tuple[float, float, float]

BLACK = 0x000000FF
"""The colour of a primitive for which its script says none: it has that of its instance."""
LARGEST = 1e15
"""As the shapes of a document have it."""
_SIDES = 24
_ARC_STEPS = 48
_EDGE = 0.45


class Drawn(NamedTuple):
    """Vertices as rows of three doubles, their colours 0xRRGGBBAA in the same order, and texts:
    text, place, direction of the base line, direction upwards, height, colour.
    """

    points: Array
    lines: Array
    areas: Array
    faces: Array
    colors: Array
    labels: list[tuple[str, Point, Point, Point, float, int]]


@np.errstate(all="ignore")  # what goes beyond all numbers is bounded in the end
def placed_records(data: bytes, transform: Any, color: int) -> Drawn:
    """What a block drew, where its instance stands.

    Args:
        data: the packed geometry, as the document keeps it.
        transform: three rows of four numbers.
        color: what primitives are drawn in that have no colour of their own.

    Raises:
        ValueError: the data is not what the blocks' room packs.
    """
    records, texts = unpacked(data)
    matrix = np.array(transform, np.float64).reshape(3, 4)
    values, kinds = records["data"], records["kind"]
    colors = np.where(records["color"] == BLACK, np.uint32(color), records["color"])
    present = np.bincount(kinds, minlength=len(blocks.Kind) + 1)
    drawing = _Drawing(values, kinds, colors.astype(np.uint32))
    for kind, draw in _DRAWN.items():
        if present[kind]:
            draw(drawing, np.flatnonzero(kinds == kind))
    labels = []
    if present[blocks.Kind.TEXT]:
        for row in np.flatnonzero(kinds == blocks.Kind.TEXT):
            x, y, height, angle, string, _ = values[row].tolist()
            height = min(height, LARGEST)
            turn = math.radians(angle)
            right = matrix[:, :3] @ (math.cos(turn), math.sin(turn), 0.0)
            up = matrix[:, :3] @ (-math.sin(turn), math.cos(turn), 0.0)
            at = matrix[:, :3] @ (x, y, 0.0) + matrix[:, 3]
            labels.append(
                (
                    texts[int(string)],
                    _point(at),
                    _point(right),
                    _point(up),
                    height,
                    int(colors[row]),
                )
            )
    return drawing.placed(matrix, labels)


def _point(row: Array) -> Point:
    x, y, z = _bounded(row).tolist()
    return (x, y, z)


class _Drawing:
    """Vertices in the block's own coordinates."""

    def __init__(self, values: Array, kinds: Array, colors: Array) -> None:
        self.values, self.kinds, self.colors = values, kinds, colors
        self._parts: dict[str, list[tuple[Array, Array]]] = {
            "points": [],
            "lines": [],
            "areas": [],
            "faces": [],
        }

    def add(self, what: str, vertices: Array, rows: Array, *, dark: bool = False) -> None:
        """Add vertices, of shape (rows, n, 3): as many for each row."""
        colors = np.repeat(self.colors[rows], vertices.shape[1])
        if dark:
            colors = _darker(colors)
        self._parts[what].append((vertices.reshape(-1, 3), colors))

    def placed(
        self, matrix: Array, labels: list[tuple[str, Point, Point, Point, float, int]]
    ) -> Drawn:
        vertices, colors = [], []
        for parts in self._parts.values():
            own = np.concatenate([one for one, _ in parts]) if parts else np.empty((0, 3))
            vertices.append(_bounded(own @ matrix[:, :3].T + matrix[:, 3]))
            colors.append(
                np.concatenate([one for _, one in parts]) if parts else np.empty(0, np.uint32)
            )
        points, lines, areas, faces = vertices
        return Drawn(points, lines, areas, faces, np.concatenate(colors), labels)

    # -- one kind each

    def point(self, rows: Array) -> None:
        self.add("points", self.values[rows, None, :3], rows)

    def line(self, rows: Array) -> None:
        ends = np.zeros((len(rows), 2, 3))
        ends[:, :, :2] = self.values[rows, :4].reshape(-1, 2, 2)
        self.add("lines", ends, rows)

    def line3(self, rows: Array) -> None:
        self.add("lines", self.values[rows].reshape(-1, 2, 3), rows)

    def circle(self, rows: Array) -> None:
        self._arcs(rows, np.zeros(len(rows)), np.full(len(rows), 360.0))

    def arc(self, rows: Array) -> None:
        start, end = self.values[rows, 3], self.values[rows, 4]
        sweep = np.mod(end - start, 360.0)
        self._arcs(rows, start, np.where(sweep == 0, 360.0, sweep))

    def _arcs(self, rows: Array, start: Array, sweep: Array) -> None:
        x, y, radius = (self.values[rows, column, None] for column in range(3))
        turns = np.radians(start[:, None] + sweep[:, None] * np.arange(_ARC_STEPS + 1) / _ARC_STEPS)
        round_ = np.zeros((len(rows), _ARC_STEPS + 1, 3))
        round_[:, :, 0] = x + radius * np.cos(turns)
        round_[:, :, 1] = y + radius * np.sin(turns)
        ends = np.stack([round_[:, :-1], round_[:, 1:]], axis=2)
        self.add("lines", ends.reshape(len(rows), -1, 3), rows)

    def polyline(self, rows: Array) -> None:
        firsts, seconds = self._sides(rows, closed=False)
        ends = np.stack([self.values[firsts, :3], self.values[seconds, :3]], axis=1)
        self.add("lines", ends, firsts)

    def _sides(self, rows: Array, *, closed: bool) -> tuple[Array, Array]:
        """The rows of both ends of each side of shapes of many points."""
        counts = self.values[rows, 0].astype(np.int64)
        total = int(counts.sum())
        begins = np.repeat(rows + 1, counts)
        within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        last = within == np.repeat(counts, counts) - 1
        firsts = begins + within
        seconds = np.where(last, begins, firsts + 1)
        return (firsts, seconds) if closed else (firsts[~last], seconds[~last])

    def polygon(self, rows: Array) -> None:
        corners = self._cut(rows)
        found = self.values[corners, :3].reshape(-1, 3, 3)
        # What lies flat has its colour; what stands is seen by its shade.
        flat = (found[:, :, 2] == found[:, :1, 2]).all(axis=1)
        self.add("areas", found[flat], corners[::3][flat])
        self.add("faces", found[~flat], corners[::3][~flat])

    def _cut(self, rows: Array) -> Array:
        """The rows of the corners of the triangles that fill outlines."""
        counts = self.values[rows, 0].astype(np.int64)
        found = []
        threes = rows[counts == 3]
        found.append((threes[:, None] + [1, 2, 3]).reshape(-1))
        fours = rows[counts == 4]
        if len(fours):
            a, b, c, d = (self.values[fours + place, :3] for place in (1, 2, 3, 4))
            # Of the two diagonals that cut a quadrangle, one at least lies within it.
            same = (np.cross(b - a, c - a) * np.cross(c - a, d - a)).sum(axis=1) >= 0
            cuts = np.where(same[:, None], [1, 2, 3, 1, 3, 4], [1, 2, 4, 2, 3, 4])
            found.append((fours[:, None] + cuts).reshape(-1))
        for row, count in zip(rows[counts > 4], counts[counts > 4], strict=True):
            outline = tuple(map(tuple, self.values[row + 1 : row + 1 + count, :3].tolist()))
            found.append(row + 1 + np.array(_triangulated(outline), np.int64).reshape(-1))
        return np.concatenate(found)

    def extrusion(self, rows: Array) -> None:
        counts = self.values[rows, 0].astype(np.int64)
        heights = np.zeros(len(self.values))  # of the vertices of each
        owners = np.repeat(self.values[rows, 1], counts)
        every, following = self._sides(rows, closed=True)
        heights[every] = owners
        lift = np.zeros((len(self.values), 3))
        lift[:, 2] = heights
        below = self.values[:, :3]
        above = below + lift
        corners = self._cut(rows)
        for level in (below, above):
            self.add("faces", level[corners].reshape(-1, 3, 3), corners[::3])
        a, b, c, d = below[every], below[following], above[following], above[every]
        self.add("faces", np.stack([a, b, c, a, c, d], axis=1), every)
        self.add("lines", np.stack([a, b, d, c, a, d], axis=1), every, dark=True)

    def cuboid(self, rows: Array) -> None:
        at, size = self.values[rows, None, :3], self.values[rows, None, 3:6]
        faces, edges = _cube()
        self.add("faces", at + faces * size, rows)
        self.add("lines", at + edges * size, rows, dark=True)

    def cylinder(self, rows: Array) -> None:
        radius, height = self.values[rows, 3], self.values[rows, 4]
        self._tapered(rows, radius, radius, height)

    def cone(self, rows: Array) -> None:
        radius, top, height = (self.values[rows, column] for column in (3, 4, 5))
        self._tapered(rows, radius, top, height)

    def _tapered(self, rows: Array, radius: Array, top: Array, height: Array) -> None:
        faces, edges = _drum()
        for what, template in (("faces", faces), ("lines", edges)):
            wide = np.where(template[:, 2] > 0, top[:, None], radius[:, None])
            vertices = np.empty((len(rows), len(template), 3))
            vertices[:, :, 0] = template[:, 0] * wide
            vertices[:, :, 1] = template[:, 1] * wide
            vertices[:, :, 2] = template[:, 2] * height[:, None]
            self.add(what, vertices + self.values[rows, None, :3], rows, dark=what == "lines")

    def sphere(self, rows: Array) -> None:
        at, radius = self.values[rows, None, :3], self.values[rows, 3, None, None]
        self.add("faces", at + _ball() * radius, rows)


_DRAWN = {
    blocks.Kind.POINT: _Drawing.point,
    blocks.Kind.LINE: _Drawing.line,
    blocks.Kind.LINE3: _Drawing.line3,
    blocks.Kind.CIRCLE: _Drawing.circle,
    blocks.Kind.ARC: _Drawing.arc,
    blocks.Kind.POLYLINE: _Drawing.polyline,
    blocks.Kind.POLYGON: _Drawing.polygon,
    blocks.Kind.CUBOID: _Drawing.cuboid,
    blocks.Kind.CYLINDER: _Drawing.cylinder,
    blocks.Kind.CONE: _Drawing.cone,
    blocks.Kind.SPHERE: _Drawing.sphere,
    blocks.Kind.EXTRUSION: _Drawing.extrusion,
}


def _bounded(numbers: Array) -> Array:
    """Numbers that a drawing can have: a script may draw at 1e308, and transforms go beyond."""
    found: Array = np.clip(np.nan_to_num(numbers), -LARGEST, LARGEST)
    return found


def _darker(colors: Array) -> Array:
    parts = colors[:, None] >> np.array([24, 16, 8], np.uint32) & 0xFF
    dark: Array = (parts * _EDGE).astype(np.uint32)
    return dark[:, 0] << 24 | dark[:, 1] << 16 | dark[:, 2] << 8 | colors & 0xFF


@functools.lru_cache(maxsize=1_000)
def _triangulated(outline: tuple[Point, ...]) -> list[tuple[int, int, int]]:
    """An outline as triangles; blocks often draw the same one."""
    return triangles(Surface(outline, [range(len(outline))]))


@functools.cache
def _cube() -> tuple[Array, Array]:
    """The triangles and the edges of a cube from 0 to 1."""
    corner = np.array([(x, y, z) for z in (0, 1) for y in (0, 1) for x in (0, 1)], np.float64)
    sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    faces = [corner[i] for a, b, c, d in sides for i in (a, b, c, a, c, d)]
    edges = [corner[i] for a in range(8) for bit in (1, 2, 4) if not a & bit for i in (a, a | bit)]
    return np.array(faces), np.array(edges)


@functools.cache
def _drum() -> tuple[Array, Array]:
    """A drum of radius and height 1: its triangles, and its two rims."""
    turns = 2 * np.pi * np.arange(_SIDES) / _SIDES
    rim = np.stack([np.cos(turns), np.sin(turns), np.zeros(_SIDES)], axis=1)
    following, up = np.roll(rim, -1, axis=0), np.array([0.0, 0.0, 1.0])
    middle = np.zeros_like(rim)
    sides = [rim, following, following + up, rim, following + up, rim + up]
    caps = [following, rim, middle, rim + up, following + up, middle + up]
    faces = np.stack(sides + caps, axis=1).reshape(-1, 3)
    return faces, np.stack([rim, following, rim + up, following + up], axis=1).reshape(-1, 3)


@functools.cache
def _ball() -> Array:
    """The triangles of a sphere of radius 1."""
    up = np.pi * (np.arange(_SIDES // 2 + 1) / (_SIDES // 2) - 0.5)
    turns = 2 * np.pi * np.arange(_SIDES + 1) / _SIDES
    grid = np.stack(
        [
            np.cos(up)[:, None] * np.cos(turns),
            np.cos(up)[:, None] * np.sin(turns),
            np.broadcast_to(np.sin(up)[:, None], (len(up), len(turns))),
        ],
        axis=2,
    )
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    both = np.stack([a, b, c, a, c, d], axis=2).reshape(-1, 3, 3)
    flat = np.linalg.norm(np.cross(both[:, 1] - both[:, 0], both[:, 2] - both[:, 0]), axis=1)
    found: Array = both[flat > 1e-12].reshape(-1, 3)
    return found
