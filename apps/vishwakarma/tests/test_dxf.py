"""DXF through the real ezdxf in a guest: round trips, and files that are wrong."""

import io
import random
import string
from typing import Any

import pytest
from ezdxf import recover
from ezdxf.filemanagement import new

from apps.vishwakarma.tests.samples import full, state
from vishwakarma_api.v1 import shapes
from vishwakarma_app.document import Document
from vishwakarma_app.errors import ExtensionFailed
from vishwakarma_app.extensions import Outcome, run_extension, shipped


def dxf_bytes(drawing: Any) -> bytes:
    out = io.StringIO()
    drawing.write(out)
    return bytes(drawing.encode(out.getvalue()))


def imported(data: bytes, document: Document | None = None) -> tuple[Document, Outcome]:
    document = Document() if document is None else document
    return document, run_extension(document, shipped()["dxf-import"], source=io.BytesIO(data))


def exported(document: Document, version: str = "R2010") -> Any:
    out = io.BytesIO()
    run_extension(document, shipped()["dxf-export"], target=out, parameters={"version": version})
    return recover.read(io.BytesIO(out.getvalue()))[0]


def drawn() -> Any:
    """A drawing with everything that has a like of ours."""
    drawing: Any = new("R2010", setup=True)
    drawing.units = 6
    drawing.layers.add("walls", color=1)
    drawing.layers.add("hidden", color=3).off()
    space = drawing.modelspace()
    chance = random.Random(7)

    def point(size: int) -> tuple[float, ...]:
        return tuple(chance.uniform(-1e4, 1e4) for _ in range(size))

    for _ in range(20):
        space.add_line(point(2), point(2), dxfattribs={"layer": "walls"})
        space.add_lwpolyline([point(2) for _ in range(5)], close=chance.random() < 0.5)
        space.add_circle(point(2), chance.uniform(0.1, 9), dxfattribs={"true_color": 0x123456})
        space.add_arc(
            point(2), chance.uniform(0.1, 9), chance.uniform(0, 180), chance.uniform(180, 359)
        )
        space.add_text(
            "".join(chance.choices(string.printable[:90] + "Ü✓", k=9)), height=2, rotation=30
        ).set_placement(point(2))
        space.add_point(point(2), dxfattribs={"color": 5})
        space.add_point(point(3))
        space.add_polyline3d([point(3) for _ in range(4)], close=True)
        space.add_hatch(color=2).paths.add_polyline_path(
            [point(2) for _ in range(4)], is_closed=True
        )
        space.add_3dface([point(3) for _ in range(4)])
    return drawing


def test_what_ezdxf_draws_comes_back_to_the_last_digit() -> None:
    drawing = drawn()
    document, outcome = imported(dxf_bytes(drawing))
    assert outcome.created == outcome.value["entities"] == 200
    assert outcome.value["skipped"] == {} and outcome.engine == "native"
    assert document.unit == "m" and not document.layers["hidden"].visible
    assert document.layers["walls"].color == 0xFF0000FF
    again = exported(document)
    assert not again.audit().errors and not again.audit().fixes
    space, made = list(drawing.modelspace()), list(again.modelspace())
    for before, after in zip(space, made, strict=True):
        if before.dxftype() == "3DFACE":
            assert after.dxftype() == "MESH"
            continue
        assert after.dxftype() == before.dxftype() and after.dxf.layer == before.dxf.layer
        assert coordinates(after) == pytest.approx(coordinates(before), abs=1e-9)
        if before.dxftype() == "TEXT":
            assert after.plain_text() == before.plain_text()
    assert made[2].dxf.true_color == 0x123456
    second, _ = imported(dxf_bytes(again))
    assert [one.shape for one in second] == [one.shape for one in document]
    assert [(one.layer, one.color) for one in second] == [
        (one.layer, one.color) for one in document
    ]


def coordinates(entity: Any) -> list[float]:
    dxf = entity.dxf
    match entity.dxftype():
        case "LINE":
            points = [dxf.start, dxf.end]
        case "LWPOLYLINE":
            return [*(one for point in entity.get_points("xyb") for one in point), entity.closed]
        case "CIRCLE":
            return [*dxf.center, dxf.radius]
        case "ARC":
            return [*dxf.center, dxf.radius, dxf.start_angle, dxf.end_angle]
        case "TEXT":
            return [*dxf.insert, dxf.height, dxf.rotation]
        case "POINT":
            points = [dxf.location]
        case "POLYLINE":
            points = list(entity.points())
        case _:
            return [one for vertex in entity.paths[0].vertices for one in vertex[:2]]
    return [one for point in points for one in point]


def test_what_has_no_like_becomes_what_looks_the_same() -> None:
    drawing: Any = new("R2010", setup=True)
    space = drawing.modelspace()
    block = drawing.blocks.new("B")
    block.add_line((0, 0), (1, 0))
    space.add_blockref("B", (10, 10), dxfattribs={"rotation": 90})
    space.add_blockref(
        "B",
        (0, 0),
        dxfattribs={"row_count": 2, "column_count": 3, "row_spacing": 1, "column_spacing": 1},
    )
    space.add_lwpolyline([(0, 0, 0, 0, 1), (1, 0)])
    space.add_ellipse((0, 0), (3, 0), 0.5)
    space.add_circle((0, 0, 5), 1)
    space.add_linear_dim(base=(3, 2), p1=(0, 0), p2=(3, 0)).render()
    space.add_mtext("one\\Ptwo")
    space.add_xline((0, 0), (1, 0))
    document, outcome = imported(dxf_bytes(drawing))
    assert outcome.value == {"entities": 8, "skipped": {"XLINE": 1}}
    tops = [document[one] for one in document.children()]
    assert [one.kind for one in tops] == [
        "group",
        "group",
        "group",
        "polyline",
        "polyline3d",
        "group",
        "text",
    ]
    line = document[document.children(tops[0].id)[0]].shape
    assert isinstance(line, shapes.Line2D)
    assert (line.x1, line.y1, line.x2, line.y2) == pytest.approx((10, 10, 10, 11), abs=1e-9)
    assert len(document.children(tops[1].id)) == 6
    arc = document[document.children(tops[2].id)[0]].shape
    assert isinstance(arc, shapes.Arc2D) and arc.radius == pytest.approx(0.5)
    assert isinstance(tops[6].shape, shapes.Text2D) and tops[6].shape.text == "one\ntwo"


def test_a_file_in_another_unit_is_brought_to_the_documents() -> None:
    document = Document("mm")
    with document.transaction() as edit:
        edit.create(shapes.Point2D(0, 0))
    drawing: Any = new("R2010")
    drawing.units = 1
    drawing.modelspace().add_line((0, 0), (1, 2))
    imported(dxf_bytes(drawing), document)
    assert document.unit == "mm"
    assert document.query(kind="line")[0].shape == shapes.Line2D(0, 0, 25.4, 50.8)


@pytest.mark.parametrize("version", ["R2004", "R2018"])
def test_everything_that_can_be_exported_is(version: str) -> None:
    document = full()
    with document.transaction() as edit:
        edit.set_layer("a/b", color=0x11223344, visible=False)
        edit.set_layer("A_B")
        edit.create(shapes.Hatch2D([(0, 0), (9, 0), (0, 9)], 0.5, 30), layer="a/b")
        edit.create(shapes.Line2D(0, 0, 1, 1), layer="A_B", color=0x11223344)
    drawing = exported(document, version)
    assert drawing.dxfversion == {"R2004": "AC1018", "R2018": "AC1032"}[version]
    kinds = [one.dxftype() for one in drawing.modelspace()]
    assert kinds == [
        "POINT",
        "POINT",
        "POINT",
        "LINE",
        "LWPOLYLINE",
        "ARC",
        "CIRCLE",
        "MTEXT",
        "HATCH",
        "HATCH",
        "POINT",
        "LINE",
        "POLYLINE",
        *["MESH"] * 6,
        "HATCH",
        "LINE",
    ]
    last = drawing.modelspace()[-1]
    assert last.dxf.layer == "A_B_2" and last.dxf.true_color == 0x112233
    again, _ = imported(dxf_bytes(drawing))
    hatch = again.query(kind="hatch")[-1].shape
    assert isinstance(hatch, shapes.Hatch2D) and list(hatch.points) == [(0, 0), (9, 0), (0, 9)]
    assert (hatch.spacing, hatch.angle) == pytest.approx((0.5, 30), abs=1e-9)
    meshes = [one.shape for one in again.query(kind="mesh")]
    assert sum(isinstance(one, shapes.Mesh3D) and len(one.faces) == 6 for one in meshes) == 1


def nested(depth: int, width: int) -> bytes:
    """Blocks in blocks: ``width`` to the power of ``depth`` lines."""
    drawing: Any = new("R2010")
    inner = drawing.blocks.new("B0")
    inner.add_line((0, 0), (1, 1))
    for level in range(1, depth + 1):
        outer = drawing.blocks.new(f"B{level}")
        for _ in range(width):
            outer.add_blockref(f"B{level - 1}", (1, 1))
    drawing.modelspace().add_blockref(f"B{depth}", (0, 0))
    return dxf_bytes(drawing)


def mass_insert() -> bytes:
    drawing: Any = new("R2010")
    drawing.blocks.new("B").add_line((0, 0), (1, 1))
    drawing.modelspace().add_blockref(
        "B",
        (0, 0),
        dxfattribs={
            "row_count": 32_000,
            "column_count": 32_000,
            "row_spacing": 1,
            "column_spacing": 1,
        },
    )
    return dxf_bytes(drawing)


def huge() -> bytes:
    drawing: Any = new("R2010")
    drawing.modelspace().add_line((0, 0), (1e300, 0))
    return dxf_bytes(drawing)


WHOLE = dxf_bytes(drawn())

HOSTILE = {
    "empty": (b"", "this is no DXF file, or its end is missing"),
    "garbage": (bytes(range(256)) * 40, "this is no DXF file, or its end is missing"),
    "garbage with an end": (
        bytes(range(256)) * 40 + b"\n0\nEOF\n",
        "this is no DXF file, or it is damaged: ",
    ),
    "text": (b"hello\n  0\nEOF\n", "this is no DXF file, or it is damaged: "),
    "cut": (WHOLE[: len(WHOLE) // 2], "this is no DXF file, or its end is missing"),
    "cut and closed": (WHOLE[: len(WHOLE) // 2] + b"\n  0\nEOF\n", ""),
    "no number": (
        WHOLE.replace(b"AcDbLine\n 10\n", b"AcDbLine\n 10\nnorth\n", 1),
        "this is no DXF file, or it is damaged: ",
    ),
    "too deep": (nested(9, 1), "blocks are inserted in each other more than 8 deep"),
    "too many": (nested(6, 10), "inserted blocks have more than 200000 parts"),
    "mass insert": (mass_insert(), "inserted blocks have more than 200000 parts"),
    "too far": (huge(), "x2 must be between -1e15 and 1e15, got 1e+3"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_a_clear_error_and_leave_the_document(name: str) -> None:
    data, message = HOSTILE[name]
    document = full()
    before = state(document)
    with pytest.raises(ExtensionFailed) as caught:
        imported(data, document)
    assert message in str(caught.value) and "dxf-import" in str(caught.value)
    assert caught.value.status == "error", str(caught.value)
    assert state(document) == before
