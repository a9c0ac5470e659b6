"""One of each kind of shape, and documents to compare."""

from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.shapes import Shape
from vishwakarma_app.document import Document

SAMPLES: dict[str, Shape] = {
    "group": shapes.Group("walls"),
    "point": shapes.Point2D(1, 2),
    "line": shapes.Line2D(0, 0, 3, 4),
    "polyline": shapes.Polyline2D([(0, 0), (1, 0), (1, 1)], closed=True),
    "arc": shapes.Arc2D(0, 0, 1, 0, 90),
    "circle": shapes.Circle2D(5, 5, 2),
    "text": shapes.Text2D("Ünïcode\n✓", 1, 1, 2.5, 30),
    "polygon": shapes.Polygon2D([(0, 0), (4, 0), (4, 4)]),
    "hatch": shapes.Hatch2D([(0, 0), (4, 0), (4, 4)], 0.5, 30),
    "block": shapes.BlockInstance("stairs", {"rise": 0.17, "rail": True, "side": "left"}),
    "node": shapes.Node3D(0, 0, 3),
    "member": shapes.Member3D(1, 2, "IPE 200"),
    "polyline3d": shapes.Polyline3D([(0, 0, 0), (1, 1, 1)]),
    "cuboid": shapes.Cuboid3D(0, 0, 0, 1, 2, 3),
    "cylinder": shapes.Cylinder3D(0, 0, 0, 1, 2),
    "cone": shapes.Cone3D(0, 0, 0, 1, 2, 0.5),
    "sphere": shapes.Sphere3D(0, 0, 0, 1),
    "extrusion": shapes.Extrusion3D([(0, 0), (1, 0), (0, 1)], 2, 1),
    "mesh": shapes.Mesh3D([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(0, 1, 2)]),
}


def state(document: Document) -> tuple[object, ...]:
    """All that a document holds, to compare."""
    return (
        {one.id: one for one in document},
        dict(document.layers),
        document.unit,
        dict(document.blocks),
        document.selection,
        {one: document.children(one) for one in (0, *[each.id for each in document])},
    )


def full() -> Document:
    """One element of every kind; ids 1 and 2 are nodes."""
    document = Document()
    with document.transaction() as edit:
        for z in (0, 3):
            edit.create(shapes.Node3D(0, 0, z))
        for shape in SAMPLES.values():
            edit.create(shape)
    return document
