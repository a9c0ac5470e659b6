"""What blocks draw: as shapes, in pictures, in exports, and for extensions."""

import io
import math
import struct
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytest

from apps.vishwakarma.tests.test_extensions import ENGINES, WIRES, run
from ringfence import blocks
from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.shapes import IDENTITY, BlockInstance
from vishwakarma_app.blocks import BlockRunner, define, insert
from vishwakarma_app.blocks.geometry import pack
from vishwakarma_app.document import Document
from vishwakarma_app.errors import ExtensionFailed
from vishwakarma_app.extensions import run_extension, shipped
from vishwakarma_app.rendering import drawn_elements, png_of_svg, render_svg
from vishwakarma_drawing.blocks import shapes_of
from vishwakarma_drawing.surfaces import surface_of

EVERYTHING = """
def everything(top: float = 3.0):
    point(1, 2)
    line(0, 0, 1, 0, 0xFF0000FF)
    line3(0, 0, 0, 0, 0, top)
    circle(1, 0, 2)
    arc(0, 0, 1, 0, 90)
    text(1, 1, "word", 2, 30)
    polyline([(0, 0), (1, 0), (1, 1)])
    polygon([(0, 0), (2, 0), (2, 2)])
    cuboid(0, 0, 0, 1, 2, 3)
    cylinder(1, 0, 0, 1, 2)
    cone(0, 0, 0, 2, 1, 3)
    sphere(0, 0, 5, 1)
    extrusion([(0, 0), (1, 0), (0, 1)], 2)
"""
TURNED = (0.0, -2.0, 0.0, 10.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0)
"""A quarter turn, twice as large, moved by 10."""
MIRRORED = (-1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
LIFTED = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 4.0)
STRETCHED = (3.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@pytest.fixture(scope="module")
def evaluated() -> Document:
    """One instance of a block with a primitive of each kind; element 1."""
    document = Document()
    define(document, "everything", EVERYTHING)
    insert(document, "everything")
    with BlockRunner(document, engine="native") as runner:
        assert runner.evaluate().failed == ()
    return document


def drawn(document: Document, transform: Sequence[float]) -> list[shapes.Shape]:
    geometry = document.geometry(1)
    assert geometry is not None
    return [shape for shape, _ in shapes_of(geometry.data, transform)]


def test_each_primitive_is_the_shape_that_it_is(evaluated: Document) -> None:
    assert drawn(evaluated, IDENTITY) == [
        shapes.Point2D(1, 2),
        shapes.Line2D(0, 0, 1, 0),
        shapes.Polyline3D([(0, 0, 0), (0, 0, 3)]),
        shapes.Circle2D(1, 0, 2),
        shapes.Arc2D(0, 0, 1, 0, 90),
        shapes.Text2D("word", 1, 1, 2, 30),
        shapes.Polyline2D([(0, 0), (1, 0), (1, 1)]),
        shapes.Polygon2D([(0, 0), (2, 0), (2, 2)]),
        shapes.Cuboid3D(0, 0, 0, 1, 2, 3),
        shapes.Cylinder3D(1, 0, 0, 1, 2),
        shapes.Cone3D(0, 0, 0, 2, 3, 1),
        shapes.Sphere3D(0, 0, 5, 1),
        shapes.Extrusion3D([(0, 0), (1, 0), (0, 1)], 2),
    ]
    kinds = [one.kind for one in drawn(evaluated, IDENTITY)]
    assert kinds == [
        "point", "line", "polyline3d", "circle", "arc", "text", "polyline", "polygon", "cuboid",
        "cylinder", "cone", "sphere", "extrusion",
    ]  # fmt: skip


def test_a_turn_and_an_even_scale_keep_what_it_is(evaluated: Document) -> None:
    found = {one.kind: one for one in drawn(evaluated, TURNED)}
    assert found["point"] == shapes.Point2D(6, 2)
    assert found["line"] == shapes.Line2D(10, 0, 10, 2)
    assert found["circle"] == shapes.Circle2D(10, 2, 4)
    arc = found["arc"]
    assert isinstance(arc, shapes.Arc2D)
    assert (arc.x, arc.radius, arc.start, arc.end) == (10, 2, 90, 180)
    text = found["text"]
    assert isinstance(text, shapes.Text2D) and text.height == pytest.approx(4)
    assert text.rotation == pytest.approx(120)
    assert found["cylinder"] == shapes.Cylinder3D(10, 2, 0, 2, 4)
    assert found["cone"] == shapes.Cone3D(10, 0, 0, 4, 6, 2)
    assert found["sphere"] == shapes.Sphere3D(10, 0, 10, 2)
    assert "cuboid" not in found  # it lies across the axes' order: an outline that is lifted
    assert found["extrusion"].kind == "extrusion"


def test_mirrored_an_arc_goes_the_other_way(evaluated: Document) -> None:
    (arc,) = [one for one in drawn(evaluated, MIRRORED) if isinstance(one, shapes.Arc2D)]
    assert (arc.start % 360, arc.end % 360) == (90, 180)


def test_above_the_plane_and_stretched_it_is_lines_and_surfaces(evaluated: Document) -> None:
    lifted = {one.kind for one in drawn(evaluated, LIFTED)}
    assert lifted == {
        "node", "polyline3d", "text", "mesh", "cuboid", "cylinder", "cone", "sphere", "extrusion",
    }  # fmt: skip
    stretched = drawn(evaluated, STRETCHED)
    (circle, *_) = [one for one in stretched if isinstance(one, shapes.Polyline2D)]
    xs = [x for x, _ in circle.points]
    assert [min(xs), max(xs)] == pytest.approx([-3, 9])
    assert [one.kind for one in stretched].count("mesh") == 5


def volume(shape: shapes.Shape) -> float:
    """By the divergence theorem: positive if all faces look outwards."""
    surface = surface_of(shape)
    assert surface is not None
    total = 0.0
    for face in surface.faces:
        a = np.array(surface.vertices[face[0]])
        for i in range(1, len(face) - 1):
            b, c = np.array(surface.vertices[face[i]]), np.array(surface.vertices[face[i + 1]])
            total += float(np.dot(a, np.cross(b, c))) / 6
    return total


@pytest.mark.parametrize("transform", [TURNED, MIRRORED, LIFTED, STRETCHED])
def test_solids_keep_their_inside_inside(evaluated: Document, transform: tuple[float, ...]) -> None:
    matrix = np.array(transform).reshape(3, 4)[:, :3]
    grows = abs(float(np.linalg.det(matrix)))
    before = [volume(one) for one in drawn(evaluated, IDENTITY)[8:]]
    after = [volume(one) for one in drawn(evaluated, transform)[8:]]
    assert after == pytest.approx([grows * one for one in before])


def test_colours_are_the_scripts_or_the_instances() -> None:
    document = Document()
    define(document, "two", "def two():\n    point(0, 0, color=0x112233FF)\n    point(1, 0)")
    with document.transaction() as edit:
        edit.set_layer("green", color=0x00FF00FF)
    insert(document, "two", layer="green")
    insert(document, "two", layer="green", color=0x0000FFFF)
    with BlockRunner(document, engine="native") as runner:
        runner.evaluate()
    assert [(one.id, one.color) for one in drawn_elements(document)] == [
        (1, 0x112233FF), (1, None), (2, 0x112233FF), (2, 0x0000FFFF),
    ]  # fmt: skip
    with document.transaction() as edit:
        edit.set_layer("green", visible=False)
    assert list(drawn_elements(document)) == []


@pytest.mark.parametrize("view", ["plan", "isometric"])
def test_pictures_show_what_blocks_draw(
    evaluated: Document, view: Literal["plan", "isometric"]
) -> None:
    svg = render_svg(evaluated, view)
    assert 'stroke="#ff0000"' in svg and ">word</text>" in svg
    assert png_of_svg(render_svg(evaluated, view, pixels=200), 200).startswith(b"\x89PNG")


def test_what_no_pixel_shows_is_left_out() -> None:
    document = Document()
    with document.transaction() as edit:
        edit.create(shapes.Cuboid3D(0, 0, 0, 1000, 1000, 1))
        for x in range(50):
            edit.create(shapes.Cuboid3D(20 * x, 5, 1, 0.1, 0.1, 0.1))
    assert render_svg(document).count("<path") == 3 * 51
    assert render_svg(document, pixels=500).count("<path") == 3


def many(count: int = 3) -> Document:
    """Instances of blocks, one within the other, and a line."""
    document = Document("m")
    define(document, "everything", EVERYTHING)
    parent = insert(document, "everything", transform=TURNED)
    for step in range(count):
        move = (1, 0, 0, 100.0 * step, 0, 1, 0, 0, 0, 0, 1, 0)
        insert(document, "everything", parent=parent, transform=move)
    with document.transaction() as edit:
        edit.create(shapes.Line2D(0, 0, 1, 1))
    with BlockRunner(document, engine="native") as runner:
        assert runner.evaluate().failed == ()
    return document


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("wire", WIRES)
def test_extensions_see_what_is_drawn(engine: str, wire: Literal["protobuf", "packed"]) -> None:
    document = many()
    source = "def main():\n    return [(one.id, repr(one.shape)) for one in vk.drawn()]"
    value = run(document, source, engine=engine, wire=wire).value
    assert value == [(one.id, repr(one.shape)) for one in drawn_elements(document)]
    assert len(value) == 4 * 13 + 1


def test_what_was_not_evaluated_draws_nothing() -> None:
    document = Document()
    with document.transaction() as edit:
        edit.create(BlockInstance("nothing"))
    assert run(document, "def main():\n    return len(list(vk.drawn()))").value == 0
    assert list(drawn_elements(document)) == []


def test_a_page_of_large_blocks_is_bounded() -> None:
    document = Document()
    define(document, "dots", "def dots():\n    for i in range(9_000):\n        point(i, 0)")
    for _ in range(12):
        insert(document, "dots")
    with BlockRunner(document, engine="native") as runner:
        runner.evaluate()
    assert run(document, "def main():\n    return sum(1 for _ in vk.drawn())").value == 108_000


def test_blocks_go_out_as_their_primitives() -> None:
    document = many()
    out = io.BytesIO()
    run_extension(
        document, shipped()["stl-export"], target=out, parameters={"segments": 6}, engine="native"
    )
    (count,) = struct.unpack("<I", out.getvalue()[80:84])
    # Per block: a cuboid, a cylinder, a cone without a tip, a sphere, an extrusion of a triangle.
    assert count == 4 * (12 + 2 * (4 + 4 + 12) + (6 + 6 + 12) + 8)
    out = io.BytesIO()
    run_extension(document, shipped()["svg-export"], target=out, engine="native")
    assert out.getvalue().decode().count(">word</text>") == 4


@pytest.mark.parametrize("solids", ["mesh", "thickness"])
def test_blocks_in_dxf(solids: str) -> None:
    ezdxf = pytest.importorskip("ezdxf")
    document, out = many(), io.BytesIO()
    done = run_extension(
        document, shipped()["dxf-export"], target=out, parameters={"solids": solids}
    )
    assert done.value == {"entities": 4 * 13 + 1, "skipped": {}}
    drawing = ezdxf.read(io.StringIO(out.getvalue().decode()))
    assert drawing.audit().errors == []
    space = drawing.modelspace()
    kinds = [one.dxftype() for one in space]
    assert kinds.count("MESH") == 4 * (5 if solids == "mesh" else 2)
    lines = [one for one in space if one.dxftype() == "LINE"]
    assert tuple(lines[0].dxf.start) == (10, 0, 0) and lines[0].dxf.true_color == 0xFF0000
    if solids == "thickness":
        thick = {round(one.dxf.thickness, 9) for one in space if one.dxf.hasattr("thickness")}
        assert thick == {4.0, 6.0}


# -- extensions that define blocks


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("engine", ENGINES)
def test_extensions_define_and_insert_blocks(
    engine: str, wire: Literal["protobuf", "packed"]
) -> None:
    document = Document()
    source = """
SOURCE = "def post(height: float, of: Geometry):\\n    line3(0, 0, 0, 0, 0, height)"
def main():
    assert vk.blocks() == []
    vk.define_block("gone", "def gone():\\n    point(0, 0)")
    vk.define_block("base", "def base(xs: tuple[float, ...] = (1.0,)):\\n    point(xs[0], 0)")
    vk.define_block("post", SOURCE)
    vk.delete_block("gone")
    base = vk.create_block_instance(block="base", parameters={"xs": (4.0, 5.0)})
    post = vk.create_block_instance(
        block="post", parameters={"height": 3}, inputs={"of": base}, limits={"steps": 99}
    )
    assert vk.get(post).shape == vk.BlockInstance("post", {"height": 3}, inputs={"of": base}, limits={"steps": 99})
    return vk.blocks()
"""
    assert run(document, source, engine=engine, wire=wire).value == ["base", "post"]
    assert {one.publisher for one in document.blocks.values()} == {"hostile"}
    with BlockRunner(document, engine="native") as runner:
        done = runner.evaluate()
    assert (done.evaluated, done.failed) == ((1, 2), ())
    box = document.box(1)
    assert box is not None and box.x1 == 4


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("vk.define_block('b', 'import os\\ndef b():\\n    pass')", "b, line 1, column 1: import is not allowed"),
        ("vk.create_block_instance(block='b', inputs={'x': 99})", "99 is no block"),
        ("vk.define_block('b', 'def b():\\n    pass'); vk.create_block_instance(block='b'); vk.delete_block('b')", "block 'b' stays: element 1 is one"),
        ("vk.BlockInstance('b', limits={'fuel': 1})", "block: limits str 'fuel' is none of steps, recursion, primitives, wall"),
        ("vk.BlockInstance('b', inputs={'x': 0})", "block: inputs input 'x' must be the id of an element, got 0"),
    ],
)  # fmt: skip
def test_what_an_extension_does_wrong_with_blocks(source: str, message: str) -> None:
    document = Document()
    with pytest.raises(ExtensionFailed) as caught:
        run(document, f"def main():\n    {source}")
    assert message in str(caught.value)
    assert len(document) == 0 and dict(document.blocks) == {}


def test_an_array_of_blocks_keeps_children_and_inputs() -> None:
    document = Document()
    define(document, "post", "def post():\n    line3(0, 0, 0, 0, 0, 1)")
    define(document, "cap", "def cap(of: Geometry):\n    point(0, 0, 1)")
    post = insert(document, "post")
    cap = insert(document, "cap", parent=post, inputs={"of": post})
    document.select([post])
    parameters: dict[str, Any] = {"columns": 2, "dx": 5.0}
    run_extension(
        document, shipped()["array-copy"], parameters=parameters, engine="native", wire="packed"
    )
    copies = [one for one in document if one.id > cap]
    assert [one.parent for one in copies] == [0, copies[0].id]
    assert copies[1].shape.refers_to() == (copies[0].id,)
    assert document.placement(copies[1].id)[3] == 5
    assert document.placement(copies[0].id)[3] == 5


def test_boxes_are_those_of_what_is_drawn() -> None:
    """The box of a geometry, worked out at once for many, is that of its shapes."""
    document = many(0)
    geometry = document.geometry(1)
    assert geometry is not None and geometry.box is not None
    low, high = [math.inf] * 3, [-math.inf] * 3
    other = Document()
    with other.transaction() as edit:
        for shape in drawn(document, IDENTITY):
            box = other.box(edit.create(shape))
            assert box is not None
            low = [min(*pair) for pair in zip(low, box[:3], strict=True)]
            high = [max(*pair) for pair in zip(high, box[3:], strict=True)]
    assert geometry.box == pytest.approx((*low, *high))


def test_geometry_that_is_cut_off_is_refused() -> None:
    records = np.zeros(1, blocks.record_dtype())
    records["kind"], records["data"][0, 0] = blocks.Kind.POLYLINE, 3
    for data in (b"", b"VKG1", pack(records, ()), b"VKG1\x05\0\0\0[]"):
        with pytest.raises(ValueError, match="block"):
            list(shapes_of(data, IDENTITY))
    records["kind"] = 77
    with pytest.raises(ValueError, match="kind 77"):
        list(shapes_of(pack(records, ()), IDENTITY))
