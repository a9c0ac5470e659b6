"""A function for each kind of shape: what ``create`` does, in one call."""

from __future__ import annotations

from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.editing import create
from vishwakarma_api.v1.elements import DEFAULT_LAYER
from vishwakarma_api.v1.fields import Faces, Inputs, Limits, Parameters, Points2, Points3, Transform

__all__ = [
    "create_arc",
    "create_block_instance",
    "create_circle",
    "create_cone",
    "create_cuboid",
    "create_cylinder",
    "create_extrusion",
    "create_group",
    "create_hatch",
    "create_line",
    "create_member",
    "create_mesh",
    "create_node",
    "create_point",
    "create_polygon",
    "create_polyline",
    "create_polyline3d",
    "create_sphere",
    "create_text",
]


def create_group(
    *, name: str, parent: int = 0, layer: str = DEFAULT_LAYER, color: int | None = None
) -> int:
    """Add a group; its id.

    The arguments are those of :class:`Group` and of ``create``.
    """
    shape = shapes.Group(name)
    return create(shape, parent=parent, layer=layer, color=color)


def create_point(
    *, x: float, y: float, parent: int = 0, layer: str = DEFAULT_LAYER, color: int | None = None
) -> int:
    """Add a point; its id.

    The arguments are those of :class:`Point2D` and of ``create``.
    """
    shape = shapes.Point2D(x, y)
    return create(shape, parent=parent, layer=layer, color=color)


def create_line(
    *,
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a line from (x1, y1) to (x2, y2); its id.

    The arguments are those of :class:`Line2D` and of ``create``.
    """
    shape = shapes.Line2D(x1, y1, x2, y2)
    return create(shape, parent=parent, layer=layer, color=color)


def create_polyline(
    *,
    points: Points2,
    closed: bool = False,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add lines through points; its id.

    The arguments are those of :class:`Polyline2D` and of ``create``.
    """
    shape = shapes.Polyline2D(points, closed)
    return create(shape, parent=parent, layer=layer, color=color)


def create_arc(
    *,
    x: float,
    y: float,
    radius: float,
    start: float,
    end: float,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add an arc, counter-clockwise from ``start`` to ``end`` (degrees); its id.

    The arguments are those of :class:`Arc2D` and of ``create``.
    """
    shape = shapes.Arc2D(x, y, radius, start, end)
    return create(shape, parent=parent, layer=layer, color=color)


def create_circle(
    *,
    x: float,
    y: float,
    radius: float,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a circle; its id.

    The arguments are those of :class:`Circle2D` and of ``create``.
    """
    shape = shapes.Circle2D(x, y, radius)
    return create(shape, parent=parent, layer=layer, color=color)


def create_text(
    *,
    text: str,
    x: float,
    y: float,
    height: float = 1.0,
    rotation: float = 0.0,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add text; its id.

    The arguments are those of :class:`Text2D` and of ``create``.
    """
    shape = shapes.Text2D(text, x, y, height, rotation)
    return create(shape, parent=parent, layer=layer, color=color)


def create_polygon(
    *, points: Points2, parent: int = 0, layer: str = DEFAULT_LAYER, color: int | None = None
) -> int:
    """Add a filled area; its id.

    The arguments are those of :class:`Polygon2D` and of ``create``.
    """
    shape = shapes.Polygon2D(points)
    return create(shape, parent=parent, layer=layer, color=color)


def create_hatch(
    *,
    points: Points2,
    spacing: float = 1.0,
    angle: float = 45.0,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add parallel lines within an outline; its id.

    The arguments are those of :class:`Hatch2D` and of ``create``.
    """
    shape = shapes.Hatch2D(points, spacing, angle)
    return create(shape, parent=parent, layer=layer, color=color)


def create_block_instance(
    *,
    block: str,
    parameters: Parameters = (),
    transform: Transform = shapes.IDENTITY,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
    inputs: Inputs = (),
    limits: Limits = (),
) -> int:
    """Add an instance of a parametric block; its id.

    The arguments are those of :class:`BlockInstance` and of ``create``.
    """
    shape = shapes.BlockInstance(block, parameters, transform, inputs, limits)
    return create(shape, parent=parent, layer=layer, color=color)


def create_node(
    *,
    x: float,
    y: float,
    z: float,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a node of a structure; its id.

    The arguments are those of :class:`Node3D` and of ``create``.
    """
    shape = shapes.Node3D(x, y, z)
    return create(shape, parent=parent, layer=layer, color=color)


def create_member(
    *,
    start: int,
    end: int,
    section: str = "",
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a straight member of a structure, between two nodes; its id.

    The arguments are those of :class:`Member3D` and of ``create``.
    """
    shape = shapes.Member3D(start, end, section)
    return create(shape, parent=parent, layer=layer, color=color)


def create_polyline3d(
    *,
    points: Points3,
    closed: bool = False,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add lines through points in space; its id.

    The arguments are those of :class:`Polyline3D` and of ``create``.
    """
    shape = shapes.Polyline3D(points, closed)
    return create(shape, parent=parent, layer=layer, color=color)


def create_cuboid(
    *,
    x: float,
    y: float,
    z: float,
    width: float,
    depth: float,
    height: float,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a box; its id.

    The arguments are those of :class:`Cuboid3D` and of ``create``.
    """
    shape = shapes.Cuboid3D(x, y, z, width, depth, height)
    return create(shape, parent=parent, layer=layer, color=color)


def create_cylinder(
    *,
    x: float,
    y: float,
    z: float,
    radius: float,
    height: float,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a cylinder; its id.

    The arguments are those of :class:`Cylinder3D` and of ``create``.
    """
    shape = shapes.Cylinder3D(x, y, z, radius, height)
    return create(shape, parent=parent, layer=layer, color=color)


def create_cone(
    *,
    x: float,
    y: float,
    z: float,
    radius: float,
    height: float,
    top: float = 0.0,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a cone or a frustum; its id.

    The arguments are those of :class:`Cone3D` and of ``create``.
    """
    shape = shapes.Cone3D(x, y, z, radius, height, top)
    return create(shape, parent=parent, layer=layer, color=color)


def create_sphere(
    *,
    x: float,
    y: float,
    z: float,
    radius: float,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a sphere; its id.

    The arguments are those of :class:`Sphere3D` and of ``create``.
    """
    shape = shapes.Sphere3D(x, y, z, radius)
    return create(shape, parent=parent, layer=layer, color=color)


def create_extrusion(
    *,
    points: Points2,
    height: float,
    z: float = 0.0,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add an outline, lifted; its id.

    The arguments are those of :class:`Extrusion3D` and of ``create``.
    """
    shape = shapes.Extrusion3D(points, height, z)
    return create(shape, parent=parent, layer=layer, color=color)


def create_mesh(
    *,
    vertices: Points3,
    faces: Faces,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> int:
    """Add a surface of faces; its id.

    The arguments are those of :class:`Mesh3D` and of ``create``.
    """
    shape = shapes.Mesh3D(vertices, faces)
    return create(shape, parent=parent, layer=layer, color=color)
