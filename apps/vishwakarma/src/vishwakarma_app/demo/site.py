"""The building site of the demo: plots along streets, each with a building made of blocks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vishwakarma_api.v1.shapes import BlockInstance, Polygon2D, Text2D
from vishwakarma_app.blocks import LIBRARY
from vishwakarma_app.document import Definition, Document

__all__ = ["LAYERS", "MOST_BLOCKS", "OWN", "PITCH", "Site", "build_site"]

MOST_BLOCKS = 100_000
PITCH = 56.0
"""From one plot to the next, streets included, in metres."""
PLOT = 44.0

LAYERS: Mapping[str, tuple[int, str]] = {
    "floors": (0xDAD6CEFF, "Floors"),
    "steel": (0x8A4B3CFF, "Steelwork"),
    "facades": (0x9CC3DEFF, "Facades"),
    "stairs": (0xC8A06EFF, "Stairs and doors"),
    "roofs": (0x2F5D8AFF, "Trusses and space frames"),
    "gears": (0x7C8894FF, "Gears and bolt circles"),
    "pipes": (0x9AA5ADFF, "Pipe flanges"),
    "trees": (0x5E8C4AFF, "Trees"),
    "notes": (0x30343AFF, "Notes"),
}
OWN: Mapping[str, Definition] = {
    path.stem: Definition(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "scripts").glob("*.py"))
}
"""Blocks of the document itself, beside the library's."""


@dataclass(frozen=True)
class Part:
    """A block to insert.

    Attributes:
        block: its name.
        layer: where it goes.
        parameters: that differ from the defaults.
        at: x, y, z, the turn about the z axis in degrees, and the scale.
        parent: the place among its plot's parts of the one that it stands in, if any.
        inputs: parameter -> the place of a part.
    """

    block: str
    layer: str
    parameters: Mapping[str, Any]
    at: tuple[float, float, float, float, float]
    parent: int | None = None
    inputs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """What was built.

    Attributes:
        columns: plots from left to right; ``rows`` from front to back.
        counts: name of a block -> how many there are.
        floor: the id of a floor whose size is written on the ground beside it.
    """

    columns: int
    rows: int
    counts: Mapping[str, int]
    floor: int


def build_site(document: Document, blocks: int) -> Site:
    """Fill an empty document, in metres, with a site of this many block instances.

    Args:
        document: an empty one.
        blocks: how many, from 1 to ``MOST_BLOCKS``.
    """
    plots: list[list[Part]] = []
    left = blocks
    makers = (_tower, _works, _tower, _hall, _pipes, _tower, _pavilion, _tower)
    while True:
        index = len(plots)
        parts = list(makers[index % len(makers)](index))
        if len(parts) > left:
            break
        plots.append(parts)
        left -= len(parts)
    # As wide as it is deep, about, and without an empty row.
    columns = max(1, math.ceil(math.sqrt(1.15 * max(1, len(plots)))))
    rows = max(1, math.ceil(len(plots) / columns))
    counts: Counter[str] = Counter()
    floor = 0
    with document.transaction("build the site") as edit:
        for name, (color, _) in LAYERS.items():
            edit.set_layer(name, color=color)
        for name, shipped in LIBRARY.items():
            edit.set_block(name, shipped.source, publisher=shipped.publisher)
        for name, own in OWN.items():
            edit.set_block(name, own.source)

        def put(parts: list[Part], x: float, y: float) -> list[int]:
            ids: list[int] = []
            for one in parts:
                dx, dy = (x, y) if one.parent is None else (0.0, 0.0)
                inputs = {name: ids[place] for name, place in one.inputs.items()}
                shape = BlockInstance(
                    one.block, dict(one.parameters), _matrix(one.at, dx, dy), inputs
                )
                parent = 0 if one.parent is None else ids[one.parent]
                ids.append(edit.create(shape, parent=parent, layer=one.layer))
                counts[one.block] += 1
            return ids

        for index, parts in enumerate(plots):
            row, column = divmod(index, columns)
            ids = put(parts, column * PITCH, row * PITCH)
            floor = floor or (ids[0] if parts[0].block == "slab" else 0)
        put(list(_trees(left, columns, rows, len(plots))), 0.0, 0.0)
        _legend(edit, columns, counts)
    return Site(columns, rows, counts, floor)


def _matrix(
    at: tuple[float, float, float, float, float], dx: float, dy: float
) -> tuple[float, ...]:
    x, y, z, turn, scale = at
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    if turn % 90 == 0:
        cos, sin = round(cos), round(sin)
    s = scale
    return (
        s * cos, -s * sin, 0.0, x + dx,
        s * sin, s * cos, 0.0, y + dy,
        0.0, 0.0, s, z,
    )  # fmt: skip


def _tower(index: int) -> Iterator[Part]:
    """Floors, columns, facades, a flight of stairs for each storey; and what it measures."""
    storeys = 6 + (index * 7) % 11
    width, depth, storey = 24.0, 18.0, 3.2
    x, y = (PLOT - width) / 2, (PLOT - depth) / 2
    section = f"HEA {(200, 240, 280, 300)[index % 4]}"
    for level in range(storeys):
        base = level * 15 + (level > 0)  # the plaque comes after the first floor
        yield Part(
            "slab", "floors", {"width": width, "depth": depth}, (x, y, level * storey + 0.3, 0, 1)
        )
        if level == 0:
            label = {"name": f"T{index + 1}"}
            yield Part("plaque", "notes", label, (x, y, 0, 0, 1), None, {"of": 0})
        steel = {"section": section, "length": storey - 0.3, "scale": 0.001}
        for column in range(5):
            for side in (0.4, depth - 0.4):
                at = (0.4 + column * (width - 0.8) / 4, side, 0, 0, 1.0)
                yield Part("steel_profile", "steel", steel, at, base)
        pane = {"rows": 1, "width": 2.3, "height": 1.7, "gap": 0.5, "storey": storey}
        long, short = {**pane, "columns": 8}, {**pane, "columns": 6}
        yield Part("window_grid", "facades", long, (0.8, 0, 0, 0, 1), base)
        yield Part("window_grid", "facades", short, (width, 0.7, 0, 90, 1), base)
        if level + 1 < storeys:
            flight = {"steps": 16, "rise": storey / 16, "going": 0.28, "width": 1.4, "rail": 0.9}
            yield Part("staircase", "stairs", flight, (4, 7.5, 0, 0, 1), base)
        else:
            yield Part("spiral_staircase", "stairs", {"steps": 12}, (5, 9, 0, 0, 1), base)
        yield Part("door", "stairs", {"opening": 40.0}, (10 + level % 3, 9, 0, 0, 1), base)


def _hall(index: int) -> Iterator[Part]:
    """Columns with base plates, trusses across, a band of windows."""
    x, y, width, depth, height = 4.0, 8.0, 36.0, 24.0, 7.0
    kind = ("pratt", "howe", "warren")[index % 3]
    yield Part("slab", "floors", {"width": width, "depth": depth}, (x, y, 0.3, 0, 1))
    for frame in range(7):
        at = frame * width / 6
        for side in (0.0, depth):
            steel = {"section": "HEA 300", "length": height, "scale": 0.001}
            yield Part("steel_profile", "steel", steel, (at, side, 0, 90, 1), 0)
            bolts = {"bolts": 6, "diameter": 520.0, "hole": 34.0}
            yield Part("bolt_circle", "gears", bolts, (at, side, 0, 0, 0.001), 0)
        truss = {"kind": kind, "span": depth, "height": 2.2, "panels": 10}
        yield Part("truss", "roofs", truss, (at, 0, height + 0.3, 90, 1), 0)
    band = {
        "columns": 18,
        "rows": 1,
        "width": 1.6,
        "height": 1.8,
        "gap": 0.4,
        "sill": 3.5,
        "storey": height,
    }
    yield Part("window_grid", "facades", band, (0, 0, 0, 0, 1), 0)
    yield Part("door", "stairs", {"width": 1.4, "height": 2.4}, (15, 0, 0, 0, 1), 0)


def _pavilion(index: int) -> Iterator[Part]:
    """A space frame on columns, with spiral stairs below."""
    yield Part("slab", "floors", {"width": 32.0, "depth": 32.0}, (6, 6, 0.3, 0, 1))
    frame = {"columns": 8, "rows": 8, "bay": 4.0, "depth": 2.4, "level": 9.0, "ball": 0.35}
    yield Part("space_frame", "roofs", frame, (0, 0, 0, 0, 1), 0)
    for column in range(4):
        for row in range(4):
            steel = {"section": "HEA 400", "length": 9.0, "scale": 0.001}
            at = (2 + 28 / 3 * column, 2 + 28 / 3 * row, 0.0, 0.0, 1.0)
            yield Part("steel_profile", "steel", steel, at, 0)
    for place in range(4):
        turn = {"steps": 20 + index % 5, "turn": 360.0, "radius": 2.0, "rise": 0.2}
        yield Part("spiral_staircase", "stairs", turn, (9 + 5 * place, 16, 0, 90 * place, 1), 0)


def _works(index: int) -> Iterator[Part]:
    """Pairs of meshing gears, each pair on the bolt circle of its shaft."""
    yield Part("slab", "floors", {"width": 42.0, "depth": 40.0}, (1, 2, 0.3, 0, 1))
    module, scale = 10.0, 0.0175
    for row in range(5):
        small, large = 14 + (row + index) % 4, 28 + (row * 3 + index) % 5
        y = 4.2 + 7.9 * row
        for pair in range(4):
            x = 4.2 + 10.0 * pair
            # They mesh: half the sum of the pitch diameters apart, a tooth in a gap.
            apart = scale * module * (small + large) / 2
            gear = {"module": module, "bore": 60.0, "thickness": 50.0 + 20 * (pair % 3)}
            yield Part("spur_gear", "gears", {**gear, "teeth": large}, (x, y, 0, 0, scale), 0)
            bolts = {"bolts": 6 + row % 3, "diameter": 0.5 * module * large, "hole": 16.0}
            yield Part("bolt_circle", "gears", bolts, (x, y, 0, 0, scale), 0)
            at = (x + apart, y, 0.0, 180 + 180 / small, scale)
            yield Part("spur_gear", "gears", {**gear, "teeth": small}, at, 0)


def _pipes(index: int) -> Iterator[Part]:
    """A store of pipes with their flanges, by nominal size."""
    yield Part("slab", "floors", {"width": 40.0, "depth": 36.0}, (2, 4, 0.3, 0, 1))
    sizes = (100, 125, 150, 200, 250, 300)
    for row in range(8):
        size = sizes[(row + index) % len(sizes)]
        for column in range(9):
            flange = {"size": size, "pipe": 300.0 + 60 * ((row * column) % 7)}
            at = (2.5 + 4.4 * column, 2.5 + 4.4 * row, 0.0, 0.0, 0.006)
            yield Part("pipe_flange", "pipes", flange, at, 0)


def _trees(count: int, columns: int, rows: int, plots: int) -> Iterator[Part]:
    """What is left of the count: a wood where no plot is, avenues, and a row before the site."""
    places = []
    free = [divmod(index, columns) for index in range(plots, rows * columns)]
    side = max(1, math.isqrt(2 * count // (3 * max(1, len(free)))))
    for row, column in free:
        for number in range(side * side):
            b, a = divmod(number, side)
            swing = 0.3 * math.sin(7.0 * number)
            x = column * PITCH + PLOT * (a + 0.5 + swing) / side
            places.append((x, row * PITCH + PLOT * (b + 0.5 - swing) / side))
    edge = PLOT + (PITCH - PLOT) / 2
    for row in range(rows):
        for column in range(columns - 1):
            places += [
                (column * PITCH + edge + beside, row * PITCH + step)
                for beside in (-4.2, 4.2)
                for step in range(2, int(PLOT), 10)
            ]
    while len(places) < count:
        line, number = divmod(len(places), 19 * columns)
        places.append((3.0 * number, -12.0 - 4.0 * line))
    for number, (x, y) in enumerate(places[:count]):
        shape = {"height": 5.5 + (number * 37 % 11) / 3, "conifer": number % 5 == 0}
        yield Part("tree", "trees", shape, (x, y, 0, 0, 1))


def _legend(edit: Any, columns: int, counts: Mapping[str, int]) -> None:
    """A title and a legend before the site."""
    total = sum(counts.values())
    size = max(1.5, columns * PITCH / 75)
    y = -4.0 * size - 14
    edit.create(Text2D("Vishwakarma", 0, y, 3 * size), layer="notes")
    line = f"A building site: {total:,} parametric blocks of {len(counts)} scripts"
    edit.create(Text2D(line, 0, y - 2.6 * size, 1.2 * size), layer="notes")
    shown = [(name, *LAYERS[name]) for name in LAYERS if name != "notes"]
    for place, (_, color, title) in enumerate(shown):
        column, row = divmod(place, 4)
        x, top = (47 + 16 * column) * size, y + (2 - 1.7 * row) * size
        box = [(x, top), (x + 1.6 * size, top), (x + 1.6 * size, top + size), (x, top + size)]
        edit.create(Polygon2D(box), layer="notes", color=color)
        edit.create(Text2D(title, x + 2.2 * size, top, 0.85 * size), layer="notes")
