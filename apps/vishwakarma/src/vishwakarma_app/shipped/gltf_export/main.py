"""Binary glTF 2.0 of what is on visible layers: a node for each layer, a material for each colour.

https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html. There y points up and lengths are metres:
one node above all others says so. Positions are counted from the first vertex, so that 32 bits
do. Solids have no normals: a viewer shades them flat then. glTF has no texts.
"""

from __future__ import annotations

import itertools
import json
import math
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import vishwakarma as vk
from vishwakarma_drawing.lines import arc_points, hatch_lines, sweep_of
from vishwakarma_drawing.surfaces import Surface, surface_of, triangles

Point = Sequence[float]
POINTS, LINES, TRIANGLES = 0, 1, 4  # as glTF numbers them
ARRAY, ELEMENTS = 34962, 34963
FLOAT, UNSIGNED = 5126, 5125
METRES = {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0, "in": 0.0254, "ft": 0.3048, "none": 1.0}
UPRIGHT = [-math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5)]  # a quarter turn: z becomes y
SIDES = 8  # of a member with a diameter


class Part:
    """What is drawn alike: vertices, counted from the first one, and which belong together."""

    def __init__(self) -> None:
        self.origin: Point = ()
        self.positions = array("f")
        self.indices = array("I")

    def add(self, vertices: Iterable[Point], corners: Iterable[int], origin: Point) -> None:
        """Add vertices, and corners that count from the first of them."""
        first = len(self.positions) // 3
        x, y, z = origin
        for one in vertices:
            self.positions.extend((one[0] - x, one[1] - y, (one[2] if len(one) > 2 else 0.0) - z))
        self.indices.extend(first + corner for corner in corners)


def path(points: Sequence[Point], *, closed: bool) -> Iterator[tuple[Sequence[Point], int]]:
    """A line through points, as vertices and the kind of what they are."""
    around = [*points, points[0]] if closed else points
    yield [end for pair in itertools.pairwise(around) for end in pair], LINES


def bar(start: Point, end: Point, diameter: float) -> Surface:
    """A prism from one point to another."""
    along = [b - a for a, b in zip(start, end, strict=True)]
    length = math.hypot(*along) or 1.0
    d = [one / length for one in along]
    least = min(range(3), key=lambda axis: abs(d[axis]))
    other = [float(axis == least) for axis in range(3)]
    u = cross(d, other)
    size = math.hypot(*u)
    u = [one / size for one in u]
    v = cross(d, u)
    ring = []
    for i in range(SIDES):
        turn = 2 * math.pi * i / SIDES
        a, b = diameter / 2 * math.cos(turn), diameter / 2 * math.sin(turn)
        ring.append([a * p + b * q for p, q in zip(u, v, strict=True)])
    vertices = [
        tuple(e + r for e, r in zip(at, one, strict=True)) for at in (start, end) for one in ring
    ]
    sides = [(i, (i + 1) % SIDES, SIDES + (i + 1) % SIDES, SIDES + i) for i in range(SIDES)]
    caps = [tuple(range(SIDES - 1, -1, -1)), tuple(range(SIDES, 2 * SIDES))]
    # Faces of three and of four corners: a list of either is not a list of both.
    return Surface(vertices, [*caps, *sides])  # type: ignore[arg-type]


def cross(a: Sequence[float], b: Sequence[float]) -> list[float]:
    """The cross product of two vectors."""
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


class Drawing:
    """What is exported, by layer, colour, and kind."""

    def __init__(self, segments: int, *, lines: bool, members: float) -> None:
        self.segments, self.lines, self.members = segments, lines, members
        self.parts: dict[tuple[str, int, int], Part] = {}
        self.nodes: dict[int, Point] = {}
        self.texts = 0
        self.origin: Point = ()

    def take(self, element: vk.Element, color: int) -> None:
        """Draw an element."""
        shape = element.shape
        surface = surface_of(shape, self.segments)
        if isinstance(shape, vk.Member3D) and self.members:
            ends = [self.node(one) for one in (shape.start, shape.end)]
            surface = bar(ends[0], ends[1], self.members)
        elif isinstance(shape, vk.Polygon2D) and len(shape.points) > 2:
            outline = [(x, y, 0.0) for x, y in shape.points]
            surface = Surface(outline, [range(len(outline))])
        if surface is not None:
            corners = (corner for one in triangles(surface) for corner in one)
            self.add(element.layer, color, TRIANGLES, surface.vertices, corners)
        elif isinstance(shape, vk.Text2D):
            self.texts += 1
        elif self.lines:
            for vertices, kind in self.thin(shape):
                self.add(element.layer, color, kind, vertices, range(len(vertices)))

    def add(
        self, layer: str, color: int, kind: int, vertices: Sequence[Point], corners: Iterable[int]
    ) -> None:
        """Add to what is drawn alike."""
        if not len(vertices):
            return
        if not self.origin:
            x, y, *z = vertices[0]
            self.origin = (x, y, z[0] if z else 0.0)
        self.parts.setdefault((layer, color, kind), Part()).add(vertices, corners, self.origin)

    def node(self, number: int) -> Point:
        """Where a node is."""
        if number not in self.nodes:
            shape = vk.get(number).shape
            assert isinstance(shape, vk.Node3D)
            self.nodes[number] = (shape.x, shape.y, shape.z)
        return self.nodes[number]

    def thin(self, shape: Any) -> Iterator[tuple[Sequence[Point], int]]:
        """What has no surface: lines and points."""
        match shape:
            case vk.Point2D():
                yield [(shape.x, shape.y)], POINTS
            case vk.Node3D():
                yield [(shape.x, shape.y, shape.z)], POINTS
            case vk.Line2D():
                yield [(shape.x1, shape.y1), (shape.x2, shape.y2)], LINES
            case vk.Polyline2D() | vk.Polyline3D():
                yield from path(shape.points, closed=shape.closed)
            case vk.Arc2D():
                points = arc_points(shape.x, shape.y, shape.radius, shape.start, sweep_of(shape))
                yield from path(points, closed=False)
            case vk.Circle2D():
                yield from path(arc_points(shape.x, shape.y, shape.radius), closed=False)
            case vk.Hatch2D():
                yield [end for line in hatch_lines(shape) or () for end in line], LINES
            case vk.Member3D():
                yield [self.node(shape.start), self.node(shape.end)], LINES


def seen_on(layers: str) -> Iterator[tuple[vk.Element, int]]:
    """What is to be seen on these layers, or on all, with its colour; nothing on a hidden one."""
    known = vk.layers()
    for name in layers.split(",") if layers else known:
        if name not in known:
            raise ValueError(f"there is no layer {name!r}")
        if known[name].visible:
            for element in vk.drawn(layer=name):
                yield element, known[name].color if element.color is None else element.color


def export_gltf(
    target: BinaryIO, segments: int, lines: bool, members: float, layers: str
) -> dict[str, int]:
    """Write a .glb file; how many triangles, lines and points it has.

    Raises:
        ValueError: a parameter is out of range, or there is nothing to export.
    """
    if not 6 <= segments <= 360:
        raise ValueError(f"segments must be from 6 to 360, not {segments}")
    if members < 0:
        raise ValueError(f"members must not be negative, got {members}")
    drawing = Drawing(segments, lines=lines, members=members)
    for done, (element, color) in enumerate(seen_on(layers)):
        drawing.take(element, color)
        if done % 5_000 == 0:
            vk.progress(None, f"{done} elements")
    if not drawing.parts:
        raise ValueError("there is nothing to export that glTF can show")
    if drawing.texts:
        # What an extension prints is what the person is told.
        print(f"{drawing.texts} texts are left out: glTF has none")  # noqa: T201
    vk.progress(0.9, "writing")
    write(target, *document_of(drawing, METRES[vk.unit()]))
    each = {TRIANGLES: ("triangles", 3), LINES: ("lines", 2), POINTS: ("points", 1)}
    counts = dict.fromkeys((name for name, _ in each.values()), 0)
    for (_, _, kind), part in drawing.parts.items():
        name, size = each[kind]
        counts[name] += len(part.indices) // size
    return counts


def document_of(drawing: Drawing, metres: float) -> tuple[dict[str, Any], list[bytes]]:
    """The JSON, and the buffer in pieces."""
    buffer: list[bytes] = []
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []
    size = 0

    def accessor(data: array[Any], target: int, **about: Any) -> int:
        nonlocal size
        if sys.byteorder == "big":
            data.byteswap()
        packed = data.tobytes()
        views.append({"buffer": 0, "byteOffset": size, "byteLength": len(packed), "target": target})
        accessors.append({"bufferView": len(views) - 1, **about})
        buffer.append(packed)
        size += len(packed)
        return len(accessors) - 1

    materials: dict[int, int] = {}
    meshes: dict[str, list[dict[str, Any]]] = {}
    for (layer, color, kind), part in drawing.parts.items():
        place = part.positions
        position = accessor(
            place,
            ARRAY,
            componentType=FLOAT,
            count=len(place) // 3,
            type="VEC3",
            min=[min(place[axis::3]) for axis in range(3)],
            max=[max(place[axis::3]) for axis in range(3)],
        )
        primitive = {
            "attributes": {"POSITION": position},
            "material": materials.setdefault(color, len(materials)),
            "mode": kind,
        }
        if kind == TRIANGLES:  # lines and points are in order already
            primitive["indices"] = accessor(
                part.indices,
                ELEMENTS,
                componentType=UNSIGNED,
                count=len(part.indices),
                type="SCALAR",
            )
        meshes.setdefault(layer, []).append(primitive)
    count = len(meshes)
    x, y, z = drawing.origin
    nodes: list[dict[str, Any]] = [
        {"name": layer, "mesh": index} for index, layer in enumerate(meshes)
    ]
    nodes.append(
        {
            "name": "model",
            "children": list(range(count)),
            "rotation": UPRIGHT,
            "scale": [metres] * 3,
            "translation": [metres * x, metres * z, -metres * y],
        }
    )
    return {
        "asset": {"version": "2.0", "generator": "Vishwakarma"},
        "scene": 0,
        "scenes": [{"nodes": [count]}],
        "nodes": nodes,
        "meshes": [{"name": layer, "primitives": found} for layer, found in meshes.items()],
        "materials": [material(color) for color in materials],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": size}],
    }, buffer


def material(color: int) -> dict[str, Any]:
    """A colour as a material; glTF counts light, and 0xRRGGBBAA is sRGB."""
    parts = [((color >> shift) & 0xFF) / 255 for shift in (24, 16, 8)]
    light = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    opacity = (color & 0xFF) / 255
    found: dict[str, Any] = {
        "name": f"#{color:08x}",
        "pbrMetallicRoughness": {
            "baseColorFactor": [*light, opacity],
            "metallicFactor": 0.0,
            "roughnessFactor": 0.8,
        },
        "doubleSided": True,
    }
    return found if opacity == 1 else {**found, "alphaMode": "BLEND"}


def write(target: BinaryIO, document: dict[str, Any], buffer: list[bytes]) -> None:
    """The container: a header, the JSON, the buffer; each of a length that four divides."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    size = sum(map(len, buffer))  # of 32-bit numbers: four divides it
    target.write(struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + size))
    target.write(struct.pack("<I4s", len(text), b"JSON") + text)
    target.write(struct.pack("<I4s", size, b"BIN\0"))
    target.writelines(buffer)
