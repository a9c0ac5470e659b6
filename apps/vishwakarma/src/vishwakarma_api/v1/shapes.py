"""The shapes of version 1: immutable values that say what an element looks like.

Lengths are in units of the document, angles in degrees, counter-clockwise from the x axis. Shapes
of the plane lie at z = 0. A shape checks its fields when it is made and raises ``ValueError`` with
the field's name; one that exists is valid, up to the ids of other elements that it names.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, cast

from vishwakarma_api.v1.fields import (
    CHECKS,
    Faces,
    Id,
    Inputs,
    Limits,
    Parameters,
    Points2,
    Points3,
    Positive,
    Transform,
)

__all__ = [
    "IDENTITY",
    "SHAPES",
    "Arc2D",
    "BlockInstance",
    "Circle2D",
    "Cone3D",
    "Cuboid3D",
    "Cylinder3D",
    "Extrusion3D",
    "Group",
    "Hatch2D",
    "Line2D",
    "Member3D",
    "Mesh3D",
    "Node3D",
    "Point2D",
    "Polygon2D",
    "Polyline2D",
    "Polyline3D",
    "Shape",
    "Sphere3D",
    "Text2D",
]

IDENTITY: Transform = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)

Name: TypeAlias = str
Unsigned: TypeAlias = float
Vertices: TypeAlias = Points3
"""Corners of a mesh: any number of them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What all shapes have in common."""

    kind: ClassVar[str] = ""
    """How files, wires and queries call it."""
    fields: ClassVar[dict[str, str]] = {}
    """The name of each field, and the name of the check that its values pass."""
    refers_to_kind: ClassVar[str] = ""
    """The kind of the elements that :meth:`refers_to` names."""

    def __post_init__(self) -> None:
        for name, check in self.fields.items():
            try:
                object.__setattr__(self, name, CHECKS[check](getattr(self, name)))
            except ValueError as error:
                raise ValueError(f"{self.kind}: {name} {error}") from None

    def refers_to(self) -> tuple[int, ...]:
        """Ids of the elements that this shape cannot do without."""
        return ()

    def replace(self, **changes: Any) -> Shape:
        """The same shape with other values in some fields.

        Raises:
            ValueError: a value is wrong, or there is no such field.
        """
        if unknown := sorted(changes.keys() - self.fields.keys()):
            raise ValueError(
                f"{self.kind}: no field {unknown[0]!r}; it has {', '.join(self.fields)}"
            )
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Group(Shape):
    """Nothing to see: a parent for other elements."""

    kind: ClassVar[str] = "group"
    name: Name


@dataclass(frozen=True, slots=True)
class Point2D(Shape):
    """A point."""

    kind: ClassVar[str] = "point"
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line2D(Shape):
    """A line from (x1, y1) to (x2, y2)."""

    kind: ClassVar[str] = "line"
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Polyline2D(Shape):
    """Lines through at least two points; ``closed`` draws the last one back to the first."""

    kind: ClassVar[str] = "polyline"
    points: Points2
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Arc2D(Shape):
    """A part of a circle, counter-clockwise from ``start`` to ``end`` (degrees)."""

    kind: ClassVar[str] = "arc"
    x: float
    y: float
    radius: Positive
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Circle2D(Shape):
    """A circle around (x, y)."""

    kind: ClassVar[str] = "circle"
    x: float
    y: float
    radius: Positive


@dataclass(frozen=True, slots=True)
class Text2D(Shape):
    """Text whose base line starts at (x, y); ``height`` is that of a capital letter."""

    kind: ClassVar[str] = "text"
    text: str
    x: float
    y: float
    height: Positive = 1.0
    rotation: float = 0.0


@dataclass(frozen=True, slots=True)
class Polygon2D(Shape):
    """A filled area with at least two points; it is closed."""

    kind: ClassVar[str] = "polygon"
    points: Points2


@dataclass(frozen=True, slots=True)
class Hatch2D(Shape):
    """Parallel lines within an outline, ``spacing`` apart, at ``angle``."""

    kind: ClassVar[str] = "hatch"
    points: Points2
    spacing: Positive = 1.0
    angle: float = 45.0


@dataclass(frozen=True, slots=True)
class BlockInstance(Shape):
    """A parametric block, placed: the name of its definition, parameters, and where it stands.

    What it looks like is worked out from its definition, and kept beside the document. One whose
    parent is a block instance stands in that one's coordinates, and moves with it. ``inputs`` says
    for each parameter of type ``Geometry`` which block instance it is given; ``limits`` bounds this
    instance otherwise than others.
    """

    kind: ClassVar[str] = "block"
    refers_to_kind: ClassVar[str] = "block"
    block: Name
    parameters: Parameters = ()
    transform: Transform = IDENTITY
    inputs: Inputs = ()
    limits: Limits = ()

    def refers_to(self) -> tuple[int, ...]:
        pairs = cast("tuple[tuple[str, int], ...]", self.inputs)
        return tuple(dict.fromkeys(one for _, one in pairs))


@dataclass(frozen=True, slots=True)
class Node3D(Shape):
    """A node of a structure."""

    kind: ClassVar[str] = "node"
    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class Member3D(Shape):
    """A straight member of a structure, between two nodes, with the name of its section."""

    kind: ClassVar[str] = "member"
    refers_to_kind: ClassVar[str] = "node"
    start: Id
    end: Id
    section: str = ""

    def __post_init__(self) -> None:
        Shape.__post_init__(self)
        if not self.start or not self.end or self.start == self.end:
            raise ValueError("member: start and end must be two different nodes")

    def refers_to(self) -> tuple[int, ...]:
        return (self.start, self.end)


@dataclass(frozen=True, slots=True)
class Polyline3D(Shape):
    """Lines through at least two points in space."""

    kind: ClassVar[str] = "polyline3d"
    points: Points3
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Cuboid3D(Shape):
    """A box with one corner at (x, y, z) and edges along the axes."""

    kind: ClassVar[str] = "cuboid"
    x: float
    y: float
    z: float
    width: Positive
    depth: Positive
    height: Positive


@dataclass(frozen=True, slots=True)
class Cylinder3D(Shape):
    """A cylinder that stands on (x, y, z)."""

    kind: ClassVar[str] = "cylinder"
    x: float
    y: float
    z: float
    radius: Positive
    height: Positive


@dataclass(frozen=True, slots=True)
class Cone3D(Shape):
    """A cone that stands on (x, y, z); with a ``top`` radius, a frustum."""

    kind: ClassVar[str] = "cone"
    x: float
    y: float
    z: float
    radius: Positive
    height: Positive
    top: Unsigned = 0.0


@dataclass(frozen=True, slots=True)
class Sphere3D(Shape):
    """A sphere around (x, y, z)."""

    kind: ClassVar[str] = "sphere"
    x: float
    y: float
    z: float
    radius: Positive


@dataclass(frozen=True, slots=True)
class Extrusion3D(Shape):
    """An outline in the plane, lifted from ``z`` by ``height``."""

    kind: ClassVar[str] = "extrusion"
    points: Points2
    height: Positive
    z: float = 0.0


@dataclass(frozen=True, slots=True)
class Mesh3D(Shape):
    """A surface of faces with three or more corners."""

    kind: ClassVar[str] = "mesh"
    vertices: Vertices
    faces: Faces

    def __post_init__(self) -> None:
        Shape.__post_init__(self)
        for index, face in enumerate(self.faces):
            if max(face) >= len(self.vertices):
                raise ValueError(
                    f"mesh: face {index} has corner {max(face)}, and there are "
                    f"{len(self.vertices)} vertices"
                )


def _kinds() -> dict[str, type[Shape]]:
    found: dict[str, type[Shape]] = {}
    for shape in Shape.__subclasses__():
        if shape.kind:  # slots make each class twice; the one that is used has its kind as well
            found[shape.kind] = globals()[shape.__name__]
    for shape in found.values():
        shape.fields = {field.name: str(field.type) for field in dataclasses.fields(shape)}
    return found


SHAPES: dict[str, type[Shape]] = _kinds()
"""Every kind of shape, by the name of its kind."""
