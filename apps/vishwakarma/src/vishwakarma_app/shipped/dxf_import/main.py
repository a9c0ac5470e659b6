"""DXF, read by ezdxf: the model space, with layers, colours and units.

What has no like here becomes what looks the same: ellipses, splines and round segments of polylines
are polylines, inserted blocks and dimensions are groups of what they show. What cannot be shown is
counted, by its type, in what is returned.
"""

import collections
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import ezdxf.colors
import ezdxf.path
import ezdxf.transform
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.entities.hatch import Hatch
from ezdxf.entities.insert import Insert
from ezdxf.filemanagement import readfile
from ezdxf.lldxf.const import DXFError

import vishwakarma as vk

SCRATCH = Path("in.dxf")
DEEPEST = 8
MOST_EXPLODED = 200_000
UNITS = {1: "in", 2: "ft", 4: "mm", 5: "cm", 6: "m", 7: "km"}
METRES = {"in": 0.0254, "ft": 0.3048, "mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0}


def import_dxf(source: BinaryIO, flattening: float) -> dict[str, Any]:
    """Read a DXF file, text or binary.

    Returns:
        ``entities``: how many the model space has; ``skipped``: type -> how many showed nothing.

    Raises:
        ValueError: it is no DXF file, or it is damaged.
    """
    size = 0
    tail = b""
    with SCRATCH.open("wb") as scratch:
        while part := source.read(1 << 20):
            scratch.write(part)
            size += len(part)
            tail = (tail + part)[-64:]
    if not size or b"EOF" not in tail:
        raise ValueError("this is no DXF file, or its end is missing")
    try:
        document = readfile(SCRATCH)
    except (DXFError, OSError, UnicodeError, ValueError) as error:
        raise ValueError(f"this is no DXF file, or it is damaged: {error}") from None
    auditor = document.audit()
    if auditor.errors:
        raise ValueError(f"the file is damaged: {auditor.errors[0].message}")
    space = document.modelspace()
    scale_to_document(document.units, space)
    check_blocks(document, space)
    reader = Reader(flattening)
    for layer in document.layers:
        reader.layer(layer.dxf.name, layer)
    count = len(space)
    for done, entity in enumerate(space):
        if done % 500 == 0:
            vk.progress(done / count, "importing")
        reader.entity(entity, 0, 0)
    return {"entities": count, "skipped": dict(reader.skipped)}


def scale_to_document(units: int, space: Any) -> None:
    """Take the file's unit if the document is empty; else bring the file to the document's."""
    theirs, ours = UNITS.get(units), vk.unit()
    if theirs is None:
        return
    if next(vk.query(), None) is None:
        vk.set_unit(theirs)
    elif ours in METRES and ours != theirs:
        ezdxf.transform.scale_uniform(space, METRES[theirs] / METRES[ours])


def check_blocks(document: Any, space: Any) -> None:
    """Refuse inserted blocks that are too many or too deep, before any of them is taken apart.

    Raises:
        ValueError: they are.
    """
    known: dict[str, int] = {}

    def parts(entities: Iterable[Any], depth: int) -> int:
        if depth > DEEPEST:
            raise ValueError(f"blocks are inserted in each other more than {DEEPEST} deep")
        total = 0
        for entity in entities:
            if not isinstance(entity, Insert):
                continue
            name = entity.dxf.get("name", "").lower()
            block = document.blocks.get(name)
            if block is None:
                continue
            if name not in known:
                known[name] = len(block) + parts(block, depth + 1)
            total += max(1, entity.mcount) * known[name]
        if total > MOST_EXPLODED:
            raise ValueError(f"inserted blocks have more than {MOST_EXPLODED} parts")
        return total

    parts(space, 0)


class Reader:
    """Makes elements of entities."""

    def __init__(self, flattening: float) -> None:
        if not flattening > 0:
            raise ValueError("flattening must be greater than 0")
        self.flattening = flattening
        self.skipped: collections.Counter[str] = collections.Counter()
        self.layers = set(vk.layers())
        self.exploded = 0

    def layer(self, name: str, layer: Any = None) -> str:
        """The layer of the document for one of the file; made if it is not there."""
        clean = "".join(one if one.isprintable() else "_" for one in name)[:255] or "0"
        if clean not in self.layers or (layer is not None and clean == vk.DEFAULT_LAYER):
            color, visible = 0x000000FF, True
            if layer is not None:
                red, green, blue = layer.rgb or aci_rgb(layer.color)
                color = red << 24 | green << 16 | blue << 8 | 0xFF
                visible = not (layer.is_off() or layer.is_frozen())
            vk.set_layer(clean, color=color, visible=visible)
            self.layers.add(clean)
        return clean

    def entity(self, entity: DXFEntity, parent: int, depth: int) -> None:
        """Make what an entity shows."""
        kind = entity.dxftype()
        try:
            shapes = list(self.shapes(entity))
        except (DXFError, ArithmeticError, AttributeError, TypeError, ValueError) as error:
            handle = entity.dxf.get("handle", "?")
            raise ValueError(f"{kind} #{handle}: {error}") from None
        place: dict[str, Any] = {
            "parent": parent,
            "layer": self.layer(entity.dxf.get("layer", "0")),
            "color": color_of(entity),
        }
        if shapes:
            vk.batch(shapes, **place)
        elif isinstance(entity, Insert) or kind in {
            "DIMENSION",
            "LEADER",
            "LWPOLYLINE",
            "POLYLINE",
        }:
            self.explode(entity, place, depth)
        else:
            self.skipped[kind] += 1

    def explode(self, entity: Any, place: dict[str, Any], depth: int) -> None:
        """Make a group of what an entity is made of."""
        if depth >= DEEPEST:
            raise ValueError(f"blocks are inserted in each other more than {DEEPEST} deep")
        name = entity.dxf.name if isinstance(entity, Insert) else entity.dxftype().lower()
        clean = "".join(one if one.isprintable() else "_" for one in name)[:255]
        group = vk.create_group(name=clean, **place)
        copies = [entity]
        if isinstance(entity, Insert) and entity.mcount > 1:
            self.count(entity.mcount)
            copies = list(entity.multi_insert())
        for one in copies:
            for part in one.virtual_entities():
                self.count(1)
                self.entity(part, group, depth + 1)

    def count(self, more: int) -> None:
        """Bound what blocks in blocks become."""
        self.exploded += more
        if self.exploded > MOST_EXPLODED:
            raise ValueError(f"inserted blocks have more than {MOST_EXPLODED} parts")

    def shapes(self, entity: Any) -> Iterable[vk.Shape]:
        """The shapes that an entity is; none where it has to be taken apart, or is not known."""
        dxf = entity.dxf
        match entity.dxftype():
            case "POINT":
                x, y, z = dxf.location
                yield vk.Node3D(x, y, z) if z else vk.Point2D(x, y)
            case "LINE":
                (x1, y1, z1), (x2, y2, z2) = dxf.start, dxf.end
                if z1 or z2:
                    yield vk.Polyline3D([(x1, y1, z1), (x2, y2, z2)])
                else:
                    yield vk.Line2D(x1, y1, x2, y2)
            case "CIRCLE" if flat(dxf, dxf.center):
                yield vk.Circle2D(dxf.center.x, dxf.center.y, dxf.radius)
            case "ARC" if flat(dxf, dxf.center):
                yield vk.Arc2D(
                    dxf.center.x, dxf.center.y, dxf.radius, dxf.start_angle, dxf.end_angle
                )
            case "CIRCLE" | "ARC" | "ELLIPSE" | "SPLINE" | "HELIX":
                path = ezdxf.path.make_path(entity)
                yield polyline([tuple(one) for one in path.flattening(self.flattening)], False)
            case "LWPOLYLINE" if not entity.has_arc:
                points = [tuple(one) for one in entity.vertices_in_wcs()]
                yield polyline(points, entity.closed)
            case "POLYLINE" if entity.is_poly_face_mesh or entity.is_polygon_mesh:
                yield faces([part.wcs_vertices() for part in entity.virtual_entities()])
            case "POLYLINE" if not entity.has_arc:
                points = [tuple(one) for one in entity.points_in_wcs()]
                yield polyline(points, entity.is_closed)
            case "TEXT":
                x, y, _ = dxf.insert
                yield vk.Text2D(entity.plain_text(), x, y, dxf.height, dxf.rotation)
            case "MTEXT":
                x, y, _ = dxf.insert
                yield vk.Text2D(entity.plain_text(), x, y, dxf.char_height, entity.get_rotation())
            case "SOLID" | "TRACE":
                yield vk.Polygon2D([(x, y) for x, y, _ in entity.wcs_vertices()])
            case "3DFACE":
                yield faces([entity.wcs_vertices()])
            case "MESH":
                yield vk.Mesh3D([tuple(one) for one in entity.vertices], list(entity.faces))
            case "HATCH":
                yield from self.hatch(entity)

    def hatch(self, hatch: Hatch) -> Iterable[vk.Shape]:
        """An area for each outline: filled, or with the first family of lines of the pattern."""
        for path in ezdxf.path.from_hatch(hatch):
            points = [(x, y) for x, y, _ in path.flattening(self.flattening)]
            if len(points) > 2 and points[0] == points[-1]:
                points.pop()
            if len(points) < 2:
                continue
            lines = hatch.pattern.lines if hatch.pattern is not None else []
            if hatch.dxf.solid_fill or not lines:
                yield vk.Polygon2D(points)
            else:
                spacing = lines[0].offset.magnitude
                yield vk.Hatch2D(points, spacing or 1.0, lines[0].angle)


def flat(dxf: Any, center: Any) -> bool:
    """Whether a circle lies in the plane of the drawing."""
    return not center.z and tuple(dxf.get("extrusion", (0, 0, 1))) == (0, 0, 1)


def polyline(points: list[Any], closed: bool) -> vk.Shape:
    """A polyline in the plane, or in space if one of its points is there."""
    if len(points) == 1:
        points = points * 2
    if any(z for _, _, z in points):
        return vk.Polyline3D(points, closed)
    return vk.Polyline2D([(x, y) for x, y, _ in points], closed)


def faces(outlines: Iterable[Iterable[Any]]) -> vk.Mesh3D:
    """A mesh of faces, each by its corners; equal corners are one vertex."""
    index: dict[tuple[float, float, float], int] = {}
    found = []
    for outline in outlines:
        corners = [index.setdefault(tuple(one), len(index)) for one in outline]
        if len(set(corners)) > 2:
            found.append(corners)
    return vk.Mesh3D(list(index), found)


def color_of(entity: DXFEntity) -> int | None:
    """The colour of an entity; None for that of its layer."""
    dxf = entity.dxf
    if dxf.hasattr("true_color"):
        return (int(dxf.true_color) & 0xFFFFFF) << 8 | 0xFF
    index = dxf.get("color", 256)
    if not 1 <= index <= 255:
        return None
    red, green, blue = aci_rgb(index)
    return red << 24 | green << 16 | blue << 8 | 0xFF


def aci_rgb(index: int) -> tuple[int, int, int]:
    """The colour with a number; 7 is what can be read on the background: black on white."""
    if abs(index) == 7 or not 1 <= abs(index) <= 255:
        return (0, 0, 0)
    color = ezdxf.colors.aci2rgb(abs(index))
    return (color.r, color.g, color.b)
