"""The document: elements, transactions, undo, queries."""

import contextlib
import dataclasses
import math
import random

import pytest

from apps.vishwakarma.tests.samples import SAMPLES, full, state
from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.shapes import SHAPES, Line2D
from vishwakarma_app.document import Box, Document, Edit, Geometry, Layer
from vishwakarma_app.errors import DocumentError

LINE = Line2D(0, 0, 1, 1)


def test_there_is_a_sample_of_every_kind() -> None:
    assert SAMPLES.keys() == SHAPES.keys()


@pytest.mark.parametrize("kind", SAMPLES)
def test_shapes_are_immutable_values(kind: str) -> None:
    shape = SAMPLES[kind]
    assert shape.kind == kind and shape == shape.replace() and hash(shape) == hash(shape.replace())
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(shape, next(iter(shape.fields)), 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Line2D(0, 0, math.nan, 0), "line: x2 must be finite, got nan"),
        (lambda: Line2D(0, math.inf, 0, 0), "line: y1 must be finite, got inf"),
        (lambda: Line2D(0, 1e16, 0, 0), "line: y1 must be between -1e15 and 1e15, got 1e+16"),
        (
            lambda: Line2D(10**400, 0, 0, 0),
            "line: x1 must be finite, got an integer beyond all floats",
        ),
        (lambda: Line2D(True, 0, 0, 0), "line: x1 must be a number, got bool True"),
        (lambda: Line2D("1", 0, 0, 0), "line: x1 must be a number, got str '1'"),  # type: ignore[arg-type]
        (lambda: shapes.Circle2D(0, 0, 0), "circle: radius must be greater than 0, got 0.0"),
        (lambda: shapes.Cone3D(0, 0, 0, 1, 1, -1), "cone: top must not be negative, got -1.0"),
        (
            lambda: shapes.Polyline2D([(0, 0)]),
            "polyline: points must have at least 2 points, got 1",
        ),
        (
            lambda: shapes.Polyline2D([(0, 0), (1, math.nan)]),
            "polyline: points point 1: must be finite, got nan",
        ),
        (
            lambda: shapes.Polyline2D([(0, 0), (1, 2, 3)]),  # type: ignore[list-item]
            "polyline: points point 1 must have 2 numbers, got 3",
        ),
        (lambda: shapes.Polyline2D("ab"), "polyline: points must be points, got str 'ab'"),  # type: ignore[arg-type]
        (lambda: shapes.Text2D("a\0b", 0, 0), "text: text must not contain NUL"),
        (
            lambda: shapes.Text2D("\ud800", 0, 0),
            "text: text must be valid Unicode, and contains a lone surrogate",
        ),
        (
            lambda: shapes.Text2D("x" * 32_769, 0, 0),
            "text: text must have at most 32768 characters, got 32769",
        ),
        (
            lambda: shapes.Group(""),
            "group: name must be a printable name that is not empty, got str ''",
        ),
        (lambda: shapes.Member3D(1, 1), "member: start and end must be two different nodes"),
        (lambda: shapes.Member3D(-1, 1), "member: start must be an id between 0 and 2**62, got -1"),
        (
            lambda: shapes.Mesh3D([(0, 0, 0)], [(0, 0, 1)]),
            "mesh: face 0 has corner 1, and there are 1 vertices",
        ),
        (
            lambda: shapes.Mesh3D([(0, 0, 0)], [(0, 0)]),
            "mesh: faces face 0 must have at least 3 corners, and all at most 4,000,000",
        ),
        (
            lambda: shapes.BlockInstance("b", [("a", 1), ("a", 2)]),  # type: ignore[arg-type]
            "block: parameters parameter 'a' is there twice",
        ),
        (
            lambda: shapes.BlockInstance("b", {}, [1.0]),
            "block: transform must have 12 numbers, got 1",
        ),
    ],
)
def test_a_wrong_field_is_named(make: object, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()  # type: ignore[operator]
    assert str(caught.value) == message


def test_an_endless_iterable_of_points_is_left_at_the_cap() -> None:
    with pytest.raises(ValueError, match="at most 1000000 points"):
        shapes.Polyline2D((0.0, 0.0) for _ in iter(int, 1))  # type: ignore[arg-type]


def test_a_transaction_happens_whole() -> None:
    document = Document("m")
    with document.transaction("draw") as edit:
        edit.set_layer("walls", color=0xFF0000FF)
        first = edit.create(LINE, layer="walls")
        edit.create(shapes.Circle2D(0, 0, 1), parent=first, color=0x00FF00FF)
    assert [one.id for one in document] == [1, 2]
    assert document.color_of(document[1]) == 0xFF0000FF
    assert document.color_of(document[2]) == 0x00FF00FF
    assert document.children(1) == (2,)
    assert document.undoable == ("draw",)


def test_a_transaction_that_fails_leaves_nothing_but_a_gap_in_the_ids() -> None:
    document = full()
    document.select([3])
    before = state(document)
    with pytest.raises(ZeroDivisionError), document.transaction() as edit:
        edit.set_layer("new")
        edit.set_unit("ft")
        edit.set_block("b", "def b(): ...")
        edit.create(LINE, layer="new", parent=4)
        edit.update(5, x1=100.0)
        edit.update(4, parent=3, layer="new", color=1)
        edit.delete(6)
        document.select([7])
        raise ZeroDivisionError
    assert state(document) == before
    with document.transaction() as edit:
        assert edit.create(LINE) == 23
    with pytest.raises(DocumentError, match="this transaction has ended"):
        edit.create(LINE)


def test_a_refused_edit_changes_nothing_and_the_transaction_goes_on() -> None:
    document = Document()
    with document.transaction() as edit:
        one = edit.create(LINE)
        for refused, message in [
            (lambda: edit.create(LINE, layer="no"), "element 2: there is no layer 'no'"),
            (lambda: edit.create(LINE, parent=99), "element 3: its parent 99 is not there"),
            (lambda: edit.create(LINE, color=2**32), "element 4: must be a colour"),
            (lambda: edit.create(LINE, id=one), "this id was not reserved, or is in use"),
            (lambda: edit.create(LINE, id=1000), "this id was not reserved, or is in use"),
            (lambda: edit.create(shapes.Member3D(one, 77)), "element 5: 1 is no node"),
            (
                lambda: edit.update(one, x9=1),
                "element 1: line: no field 'x9'; it has x1, y1, x2, y2",
            ),
            (lambda: edit.update(one, x1=math.nan), "element 1: line: x1 must be finite"),
            (lambda: edit.update(one, parent=one), "element 1: it would be its own ancestor"),
            (lambda: edit.update(one, shape=shapes.Point2D(0, 0)), "cannot become a point"),
            (lambda: edit.update(42), "there is no element 42"),
            (lambda: edit.delete(42), "there is no element 42"),
            (lambda: edit.set_layer(""), "must be a printable name"),
            (lambda: edit.delete_layer("0"), "layer '0' stays"),
            (lambda: edit.set_unit("parsec"), "no unit 'parsec'"),
            (lambda: document.undo(), "a transaction is open; end it first"),
            (lambda: document.transaction().__enter__(), "transactions do not nest"),
        ]:
            with pytest.raises(DocumentError) as caught:
                refused()  # type: ignore[no-untyped-call]
            assert message in str(caught.value)
    assert [one.shape for one in document] == [LINE]


def test_undo_and_redo_restore_states_exactly() -> None:
    document = Document()
    states = [state(document)]

    def draw() -> None:
        with document.transaction("draw") as edit:
            group = edit.create(shapes.Group("g"))
            nodes = [edit.create(shapes.Node3D(x, 0, 0), parent=group) for x in range(2)]
            edit.create(shapes.Member3D(nodes[0], nodes[1]))

    def move() -> None:
        with document.transaction("move") as edit:
            edit.set_layer("steel")
            edit.update(4, layer="steel", color=0xFF)
            edit.update(2, x=5.0)

    def delete() -> None:
        with document.transaction("delete") as edit:
            edit.delete(4)
            assert edit.delete(1) == 3

    for step in (draw, move, delete):
        step()
        states.append(state(document))
    assert document.undoable == ("draw", "move", "delete")
    for expected, label in zip(reversed(states[:-1]), ("delete", "move", "draw"), strict=True):
        assert document.undo() == label
        assert state(document) == expected
    assert document.undo() is None
    for expected, label in zip(states[1:], ("draw", "move", "delete"), strict=True):
        assert document.redo() == label
        assert state(document) == expected
    assert document.redo() is None
    document.undo()
    with document.transaction() as edit:
        assert edit.create(LINE) == 5, "an id of what was undone is not used again"
    assert document.redoable == ()


def test_undo_forgets_what_is_too_long_ago() -> None:
    document = Document(undo_steps=2)
    for label in "abc":
        with document.transaction(label) as edit:
            edit.create(LINE)
    with document.transaction("nothing"):
        pass
    assert document.undoable == ("b", "c")


def test_what_somebody_needs_is_not_deleted() -> None:
    document = full()
    member = document.query(kind="member")[0]
    with document.transaction() as edit:
        with pytest.raises(
            DocumentError, match=rf"element 1 cannot be deleted: element {member.id} \(member\)"
        ):
            edit.delete(1)
        edit.update(member.id, parent=1)
        with pytest.raises(DocumentError, match="needs it"):
            edit.delete(2)
        assert edit.delete(1) == 2, "the member goes with the node that it belongs to"
        edit.set_block("b", "source")
        instance = edit.create(shapes.BlockInstance("b"))
        with pytest.raises(DocumentError, match=f"block 'b' stays: element {instance} is one"):
            edit.set_block("b", None)


def test_trees_have_a_bounded_depth() -> None:
    document = Document()
    with document.transaction() as edit:
        deepest = 0
        for _ in range(64):
            deepest = edit.create(LINE, parent=deepest)
        with pytest.raises(DocumentError, match="64 levels deep already"):
            edit.create(LINE, parent=deepest)


def test_queries_meet_all_their_conditions() -> None:
    document = full()
    with document.transaction() as edit:
        edit.set_layer("a")
        group = edit.create(shapes.Group("g"), layer="a")
        inside = [edit.create(Line2D(x, 0, x + 1, 0), parent=group, layer="a") for x in range(5)]
        circle = edit.create(shapes.Circle2D(100, 0, 1), parent=group)

    def ids(**conditions: object) -> list[int]:
        return [one.id for one in document.query(**conditions)]  # type: ignore[arg-type]

    assert ids(parent=group) == [*inside, circle]
    assert ids(parent=group, kind="line", layer="a") == inside
    assert ids(kind="circle") == [document.query(kind="circle")[0].id, circle]
    assert ids(layer="a", kind="circle") == []
    assert ids(parent=group, box=Box(2.5, -1, -1, 3.5, 1, 1)) == inside[2:4]
    assert ids(box=Box(99, 0, 0, 99, 0, 0)) == [circle]
    assert ids(parent=group, after=inside[1], limit=2) == inside[2:4]
    assert len(ids()) == len(document)
    for wrong in ({"parent": 999}, {"kind": "blob"}, {"layer": "no"}):
        with pytest.raises(DocumentError):
            ids(**wrong)


@pytest.mark.parametrize(
    ("kind", "box"),
    [
        ("group", None),
        ("point", (1, 2, 0, 1, 2, 0)),
        ("line", (0, 0, 0, 3, 4, 0)),
        ("arc", (0, 0, 0, 1, 1, 0)),
        ("circle", (3, 3, 0, 7, 7, 0)),
        ("member", (0, 0, 0, 0, 0, 3)),
        ("cuboid", (0, 0, 0, 1, 2, 3)),
        ("cylinder", (-1, -1, 0, 1, 1, 2)),
        ("cone", (-1, -1, 0, 1, 1, 2)),
        ("sphere", (-1, -1, -1, 1, 1, 1)),
        ("extrusion", (0, 0, 1, 1, 1, 3)),
        ("mesh", (0, 0, 0, 1, 1, 0)),
        ("block", None),
    ],
)
def test_boxes(kind: str, box: tuple[float, ...] | None) -> None:
    document = full()
    found = document.box(document.query(kind=kind)[-1].id)
    assert found == (None if box is None else pytest.approx(Box(*box)))


def test_an_arc_fills_what_it_passes() -> None:
    document = Document()
    with document.transaction() as edit:
        edit.create(shapes.Arc2D(0, 0, 1, 45, -45))
    assert document.extent() == pytest.approx(Box(-1, -1, 0, math.sqrt(0.5), 1, 0))


def test_a_block_instance_fills_what_its_geometry_fills() -> None:
    document = full()
    block = document.query(kind="block")[0].id
    moved = (1.0, 0.0, 0.0, 10.0, 0.0, 1.0, 0.0, 20.0, 0.0, 0.0, 1.0, 30.0)
    document.keep_geometry(block, Geometry(b"packed", Box(0, 0, 0, 1, 1, 1)))
    with document.transaction() as edit:
        edit.update(block, transform=moved)
    assert document.box(block) == Box(10, 20, 30, 11, 21, 31)
    with document.transaction() as edit:
        edit.delete(block)
    assert document.geometry(block) is None
    document.undo()
    assert document.geometry(block) == Geometry(b"packed", Box(0, 0, 0, 1, 1, 1))
    with pytest.raises(DocumentError, match="no block instance"):
        document.keep_geometry(1, None)


def test_the_selection_follows_the_elements() -> None:
    document = full()
    document.select([3, 5, 3])
    assert list(document.selection) == [3, 5]
    with document.transaction() as edit:
        edit.delete(5)
    assert list(document.selection) == [3]
    with pytest.raises(DocumentError, match="there is no element 5"):
        document.select([3, 5])


def test_ids_can_be_taken_ahead() -> None:
    document = Document()
    mine = document.reserve_ids(10)
    with document.transaction() as edit:
        assert edit.create(LINE) == 11
        assert edit.create(LINE, id=mine[3]) == 4
    with pytest.raises(DocumentError):
        document.reserve_ids(0)


def test_layers_come_and_go() -> None:
    document = Document()
    with document.transaction() as edit:
        edit.set_layer("a", color=1)
        edit.set_layer("a", visible=False)
        edit.set_layer("b")
        edit.delete_layer("b")
    assert document.layers["a"] == Layer("a", 1, visible=False)
    assert sorted(document.layers) == ["0", "a"]


def indexes(document: Document) -> tuple[object, ...]:
    """What is found by parent, kind and layer."""
    return (
        [document.children(one) for one in (0, *sorted(each.id for each in document))],
        {kind: [one.id for one in document.query(kind=kind)] for kind in SHAPES},
        {name: [one.id for one in document.query(layer=name)] for name in document.layers},
        {one.id: document.box(one.id) for one in document},
    )


def rebuilt(document: Document) -> Document:
    return Document.restored(
        unit=document.unit,
        next_id=document.next_id,
        layers=document.layers.values(),
        blocks=document.blocks,
        elements=list(document),
        results=b"",
    )


def random_edit(chance: random.Random, document: Document, edit: Edit) -> None:
    """One edit, which may be refused."""
    ids = [one.id for one in document] or [0]
    layer = chance.choice(["0", "a", "b", "c"])
    shape = chance.choice(list(SAMPLES.values()))
    if isinstance(shape, shapes.Member3D):
        shape = shapes.Member3D(chance.choice(ids) + 1, chance.choice(ids) + 3)
    match chance.randrange(8):
        case 0 | 1 | 2:
            edit.create(
                shape, parent=chance.choice([0, *ids]), layer=layer, color=chance.choice([None, 5])
            )
        case 3:
            edit.update(chance.choice(ids), parent=chance.choice([0, *ids]), layer=layer)
        case 4:
            edit.update(chance.choice(ids), x=chance.uniform(-9, 9))
        case 5:
            edit.delete(chance.choice(ids))
        case 6:
            chance.choice([edit.set_layer, edit.delete_layer])(chance.choice("abc"))
        case _:
            edit.set_unit(chance.choice(["mm", "m"]))


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_documents_stay_consistent_and_failures_leave_nothing(seed: int) -> None:
    chance = random.Random(seed)
    document = Document(undo_steps=1_000)
    states = [state(document)]
    for _ in range(40):
        before = state(document)
        try:
            with document.transaction() as edit:
                for _ in range(chance.randrange(1, 8)):
                    with contextlib.suppress(DocumentError, ValueError):
                        random_edit(chance, document, edit)
                if chance.random() < 0.4:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            assert state(document) == before
        else:
            if state(document) != before or len(document.undoable) == len(states):
                states.append(state(document))
        assert indexes(document) == indexes(rebuilt(document))
    for expected in reversed(states[:-1]):
        document.undo()
        assert state(document) == expected
        assert indexes(document) == indexes(rebuilt(document))
    for expected in states[1:]:
        document.redo()
        assert state(document) == expected
    assert indexes(document) == indexes(rebuilt(document))


def test_a_hundred_thousand_elements() -> None:
    document = Document()
    with document.transaction() as edit:
        for x in range(100_000):
            edit.create(Line2D(x, 0, x + 1, 1))
    assert len(document.query(kind="line", box=Box(10.5, 0, 0, 20.5, 1, 0))) == 11
    document.undo()
    assert len(document) == 0
    document.redo()
    assert len(document) == 100_000
