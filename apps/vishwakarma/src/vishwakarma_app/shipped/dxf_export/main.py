"""DXF, written by ezdxf: layers, colours, units, and solids as meshes."""

import collections
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ezdxf.filemanagement import new

import vishwakarma as vk
from vishwakarma_drawing.surfaces import SEGMENTS, surface_of

SCRATCH = Path("out.dxf")
VERSIONS = ("R2004", "R2007", "R2010", "R2013", "R2018")
UNITS = {"in": 1, "ft": 2, "mm": 4, "cm": 5, "m": 6, "km": 7}
NOT_IN_NAMES = str.maketrans(dict.fromkeys('<>/\\":;?*|=`,', "_"))


def export_dxf(target: BinaryIO, version: str, solids: str, layers: str) -> dict[str, Any]:
    """Write the document: what block instances draw as well.

    Returns:
        ``entities``: how many were written; ``skipped``: kind -> how many were not.

    Raises:
        ValueError: there is no such version, or what was made is no valid DXF.
    """
    if solids not in {"mesh", "thickness"}:
        raise ValueError(f"solids must be mesh or thickness, not {solids!r}")
    if version not in VERSIONS:
        raise ValueError(f"version must be one of {', '.join(VERSIONS)}")
    drawing = new(version)
    drawing.units = UNITS.get(vk.unit(), 0)
    names: dict[str, str] = {}
    for layer in vk.layers().values():
        name = names[layer.name] = unused(layer.name.translate(NOT_IN_NAMES), set(names.values()))
        entry = drawing.layers.get(name) if name in drawing.layers else drawing.layers.add(name)
        entry.rgb = rgb(layer.color)
        if not layer.visible:
            entry.off()
    space: Any = drawing.modelspace()
    skipped: collections.Counter[str] = collections.Counter()
    nodes = {one.id: one.shape for one in vk.query(kind="node") if isinstance(one.shape, vk.Node3D)}
    for done, element in enumerate(drawn_on(layers)):
        if done % 1_000 == 0:
            vk.progress(None, f"{done} elements")
        attributes: dict[str, Any] = {"layer": names[element.layer]}
        if element.color is not None:
            attributes["true_color"] = element.color >> 8
        if solids == "thickness" and standing(space, element.shape, attributes):
            continue
        if not add(space, element.shape, attributes, nodes):
            skipped[element.kind] += 1
    errors = drawing.audit().errors
    if errors:
        raise ValueError(f"what was made is no valid DXF: {errors[0].message}")
    drawing.saveas(SCRATCH)
    with SCRATCH.open("rb") as made:
        while part := made.read(1 << 20):
            target.write(part)
    return {"entities": len(space), "skipped": dict(skipped)}


def add(space: Any, shape: vk.Shape, to: dict[str, Any], nodes: dict[int, vk.Node3D]) -> bool:
    """Add a shape; False if DXF has nothing for it."""
    match shape:
        case vk.Point2D():
            space.add_point((shape.x, shape.y), dxfattribs=to)
        case vk.Line2D():
            space.add_line((shape.x1, shape.y1), (shape.x2, shape.y2), dxfattribs=to)
        case vk.Polyline2D():
            space.add_lwpolyline(list(shape.points), close=shape.closed, dxfattribs=to)
        case vk.Arc2D():
            space.add_arc((shape.x, shape.y), shape.radius, shape.start, shape.end, dxfattribs=to)
        case vk.Circle2D():
            space.add_circle((shape.x, shape.y), shape.radius, dxfattribs=to)
        case vk.Text2D():
            text(space, shape, to)
        case vk.Polygon2D() | vk.Hatch2D():
            hatch(space, shape, to)
        case vk.Node3D():
            space.add_point((shape.x, shape.y, shape.z), dxfattribs=to)
        case vk.Member3D():
            start, end = nodes[shape.start], nodes[shape.end]
            space.add_line((start.x, start.y, start.z), (end.x, end.y, end.z), dxfattribs=to)
        case vk.Polyline3D():
            space.add_polyline3d(list(shape.points), close=shape.closed, dxfattribs=to)
        case _:
            return solid(space, shape, to)
    return True


def solid(space: Any, shape: vk.Shape, to: dict[str, Any], segments: int = SEGMENTS) -> bool:
    """Add the surface of a solid as a mesh; False if it has none."""
    surface = surface_of(shape, segments)
    if surface is None:
        return False
    mesh = space.add_mesh(dxfattribs=to)
    with mesh.edit_data() as data:
        data.vertices = list(surface.vertices)
        data.faces = [list(face) for face in surface.faces]
    return True


def drawn_on(layers: str) -> Iterator[vk.Element]:
    """What is to be seen on these layers, or on all."""
    for layer in layers.split(",") if layers else [None]:
        yield from vk.drawn(layer=layer)


def standing(space: Any, shape: vk.Shape, to: dict[str, Any]) -> bool:
    """Add an upright solid as its outline, with a thickness; False if it is something else."""
    match shape:
        case vk.Cylinder3D():
            to = {**to, "thickness": shape.height}
            space.add_circle((shape.x, shape.y, shape.z), shape.radius, dxfattribs=to)
        case vk.Extrusion3D():
            to = {**to, "thickness": shape.height, "elevation": shape.z}
            space.add_lwpolyline(list(shape.points), close=True, dxfattribs=to)
        case vk.Cuboid3D():
            x, y = shape.x + shape.width, shape.y + shape.depth
            corners = [(shape.x, shape.y), (x, shape.y), (x, y), (shape.x, y)]
            to = {**to, "thickness": shape.height, "elevation": shape.z}
            space.add_lwpolyline(corners, close=True, dxfattribs=to)
        case vk.Sphere3D():
            solid(space, shape, to, 12)
        case _:
            return False
    return True


def text(space: Any, shape: vk.Text2D, to: dict[str, Any]) -> None:
    """Text of one line as TEXT, of several as MTEXT, which hangs from its first line."""
    if "\n" not in shape.text:
        # A percent sign twice begins a code of TEXT.
        made = space.add_text(
            shape.text.replace("%%", "%%%%%%"),
            height=shape.height,
            rotation=shape.rotation,
            dxfattribs=to,
        )
        made.set_placement((shape.x, shape.y))
        return
    words = shape.text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
    made = space.add_mtext(words.replace("\n", "\\P"), dxfattribs=to)
    made.dxf.char_height = shape.height
    made.dxf.insert = (shape.x, shape.y)
    made.dxf.rotation = shape.rotation


def hatch(space: Any, shape: vk.Polygon2D | vk.Hatch2D, to: dict[str, Any]) -> None:
    """A filled area, or one with lines."""
    made = space.add_hatch(dxfattribs=to)
    if isinstance(shape, vk.Hatch2D):
        turn = math.radians(shape.angle + 90)
        offset = (shape.spacing * math.cos(turn), shape.spacing * math.sin(turn))
        made.set_pattern_fill("LINES", definition=[[shape.angle, (0, 0), offset, []]])
    made.paths.add_polyline_path(list(shape.points), is_closed=True)


def unused(name: str, taken: set[str]) -> str:
    """A name that DXF, which knows no case, does not have yet."""
    lower = {one.lower() for one in taken}
    found, count = name, 1
    while found.lower() in lower:
        count += 1
        found = f"{name}_{count}"
    return found


def rgb(color: int) -> tuple[int, int, int]:
    """Red, green and blue; DXF has no alpha here."""
    return (color >> 24 & 0xFF, color >> 16 & 0xFF, color >> 8 & 0xFF)
