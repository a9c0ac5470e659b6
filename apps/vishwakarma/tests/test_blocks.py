"""Block instances of a document: evaluated when they are dirty, kept with it, and failing alone."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.vishwakarma.tests.samples import state
from ringfence import blocks
from vishwakarma_api.v1.elements import Element
from vishwakarma_api.v1.shapes import IDENTITY, BlockInstance
from vishwakarma_app.blocks import (
    LIBRARY,
    BlockRunner,
    define,
    insert,
    publisher_of,
    set_parameters,
    unpacked,
)
from vishwakarma_app.document import Box, Definition, Document
from vishwakarma_app.errors import BlockRefused, DocumentError
from vishwakarma_app.storage import read_document, write_document

POST = "def post(height: float = 2.0):\n    line3(0, 0, 0, 0, 0, height)\n"
CAP = """
def cap(below: Geometry, size: float = 0.5):
    top = max([0.0] + [record[7] for record in below])
    cuboid(-size / 2, -size / 2, top, size, size, size)
"""


class Model:
    """A document with its runner."""

    def __init__(self) -> None:
        self.document = Document("m")
        self.runner = BlockRunner(self.document, engine="native")

    def evaluate(self) -> tuple[int, ...]:
        done = self.runner.evaluate()
        assert done.failed == ()
        return done.evaluated

    def drawn(self, element: int) -> list[list[float]]:
        geometry = self.document.geometry(element)
        assert geometry is not None
        data: list[list[float]] = unpacked(geometry.data)[0]["data"].tolist()
        return data


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.runner.close()


def test_only_what_is_dirty_is_evaluated(model: Model) -> None:
    define(model.document, "post", POST)
    first, second = (insert(model.document, "post") for _ in range(2))
    assert model.evaluate() == (first, second)
    assert model.evaluate() == ()
    set_parameters(model.document, second, {"height": 5})
    assert model.evaluate() == (second,)
    assert model.drawn(second) == [[0, 0, 0, 0, 0, 5]]
    assert model.document.box(second) == Box(0, 0, 0, 0, 0, 5)
    assert model.document.query(box=Box(-1, -1, 4, 1, 1, 6)) == [model.document[second]]


def test_undo_and_redo_are_noticed_and_need_no_guest(model: Model) -> None:
    define(model.document, "post", POST)
    post = insert(model.document, "post")
    model.evaluate()
    set_parameters(model.document, post, {"height": 5.0})
    model.evaluate()
    _, misses = model.runner.cached
    model.document.undo()
    assert model.evaluate() == (post,) and model.drawn(post)[0][5] == 2
    model.document.redo()
    assert model.evaluate() == (post,) and model.drawn(post)[0][5] == 5
    assert model.runner.cached[1] == misses
    model.document.undo()
    model.document.undo()
    assert post not in model.document and model.evaluate() == ()


def test_a_block_that_is_moved_is_not_evaluated_again(model: Model) -> None:
    define(model.document, "post", POST)
    post = insert(model.document, "post")
    model.evaluate()
    with model.document.transaction() as edit:
        edit.update(post, transform=(1, 0, 0, 7, 0, 1, 0, 0, 0, 0, 1, 0))
    assert model.evaluate() == ()
    assert model.document.box(post) == Box(7, 0, 0, 7, 0, 2)


def test_a_failed_transaction_leaves_what_was_evaluated(model: Model) -> None:
    define(model.document, "post", POST)
    post = insert(model.document, "post")
    model.evaluate()
    with pytest.raises(RuntimeError), model.document.transaction() as edit:
        edit.update(post, parameters={"height": 9.0})
        raise RuntimeError
    assert model.evaluate() == () and model.drawn(post)[0][5] == 2


def test_what_has_it_as_an_input_is_evaluated_after_it(model: Model) -> None:
    define(model.document, "post", POST)
    define(model.document, "cap", CAP)
    post, other = insert(model.document, "post"), insert(model.document, "post")
    cap = insert(model.document, "cap", inputs={"below": post})
    assert model.evaluate() == (post, other, cap)
    set_parameters(model.document, post, {"height": 3.0})
    assert model.evaluate() == (post, cap)
    assert model.drawn(cap) == [[-0.25, -0.25, 3, 0.5, 0.5, 0.5]]
    set_parameters(model.document, other, {"height": 4.0})
    assert model.evaluate() == (other,)
    said = f"element {post} cannot be deleted: element {cap}"
    with pytest.raises(DocumentError, match=said), model.document.transaction() as edit:
        edit.delete(post)


def test_a_new_definition_is_what_its_instances_look_like(model: Model) -> None:
    define(model.document, "post", POST)
    post = insert(model.document, "post")
    stairs = insert(model.document, "staircase")
    model.evaluate()
    define(model.document, "post", POST.replace("0, 0, height", "1, 0, height"))
    assert model.evaluate() == (post,)
    assert model.drawn(post) == [[0, 0, 0, 1, 0, 2]]
    model.document.undo()
    assert model.evaluate() == (post,)
    assert stairs in model.document


def test_a_child_stands_in_its_parents_coordinates(model: Model) -> None:
    define(model.document, "post", POST)
    quarter = (0, -1, 0, 10, 1, 0, 0, 0, 0, 0, 1, 0)
    parent = insert(model.document, "post", transform=quarter)
    child = insert(
        model.document, "post", parent=parent, transform=(1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 2, 1)
    )
    model.evaluate()
    assert model.document.box(child) == Box(10, 2, 1, 10, 2, 5)
    with model.document.transaction() as edit:
        edit.update(parent, transform=(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0))
    assert model.evaluate() == ()
    assert model.document.box(child) == Box(2, 0, 1, 2, 0, 5)


def test_two_publishers_never_share_a_guest(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, list[str]]] = []
    compile_all = blocks.compile_all

    def noted(sources: dict[str, str], *, publisher: str = "") -> blocks.BlockProgram:
        made.append((publisher, sorted(sources)))
        return compile_all(sources, publisher=publisher)

    monkeypatch.setattr(blocks, "compile_all", noted)
    define(model.document, "post", POST)
    define(model.document, "cap", CAP, publisher="acme")
    insert(model.document, "post")
    insert(model.document, "staircase")
    # What only says that it is the library's is not.
    define(model.document, "door", POST.replace("post", "door"), publisher="vishwakarma")
    insert(model.document, "door")
    model.evaluate()
    assert dict(made) == {
        "": ["post"],
        "vishwakarma, as it says": ["door"],
        "acme": ["cap"],
        "vishwakarma": sorted(LIBRARY.keys() - {"door"}),
    }
    assert publisher_of("door", Definition(LIBRARY["door"].source, "acme")) == "vishwakarma"


# -- the results in the file


def test_a_model_that_is_opened_again_is_not_evaluated_again(model: Model, tmp_path: Path) -> None:
    define(model.document, "post", POST)
    ids = [insert(model.document, "post", parameters={"height": 1.0 + i}) for i in range(5)]
    model.evaluate()
    model.runner.keep_results()
    write_document(tmp_path / "m.vk", model.document)
    document = read_document(tmp_path / "m.vk")
    assert state(document) == state(model.document)
    # An engine that is not there: nothing is evaluated.
    with BlockRunner(document, engine="native") as runner:
        assert runner.evaluate().evaluated == tuple(ids)
        assert runner.cached == (5, 0)
    assert [document.geometry(one) for one in ids] == [model.document.geometry(one) for one in ids]


@pytest.mark.parametrize("damage", [b"", b"ringfence", bytes(500), "flip"])
def test_results_of_a_file_that_are_damaged_are_evaluated_again(
    model: Model, damage: bytes | str
) -> None:
    define(model.document, "post", POST)
    post = insert(model.document, "post")
    model.evaluate()
    model.runner.keep_results()
    data = model.document.results
    hostile = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:] if isinstance(damage, str) else damage
    model.document.keep_results(hostile)
    with BlockRunner(model.document, engine="native") as runner:
        runner.evaluate()
        assert runner.cached == (0, 1)
    assert model.drawn(post) == [[0, 0, 0, 0, 0, 2]]


def test_results_of_a_hostile_file_are_checked_like_a_guests(model: Model) -> None:
    """Well sealed, and with records that no guest could have written: they are left out."""
    define(model.document, "post", POST)
    insert(model.document, "post")
    model.evaluate()
    cache = blocks.ResultCache()
    model.runner.keep_results()
    assert cache.load(model.document.results) == 1
    records = unpacked(model.document.geometry(1).data)[0].copy()  # type: ignore[union-attr]
    for kind, value in ((99, 0.0), (int(blocks.Kind.TEXT), 5.0), (int(blocks.Kind.POLYLINE), 1e9)):
        records["kind"], records["data"][0, :] = kind, value
        hostile = blocks.ResultCache()
        hostile.put("0" * 64, records if kind != blocks.Kind.TEXT else records[:0], ())
        hostile._kept["0" * 64] = hostile._kept["0" * 64]._replace(geometry=records)
        assert blocks.ResultCache().load(hostile.save()) == 0


# -- bad input


def refusal(model: Model, make: Any) -> str:
    before = state(model.document)
    undoable = model.document.undoable
    with pytest.raises((BlockRefused, DocumentError)) as caught:
        make()
    assert state(model.document) == before and model.document.undoable == undoable
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def b(:\n    pass", "b, line 1, column 7: this is not Python: invalid syntax"),
        ("def b():\n    x = 1\n    eval('x')", "b, line 3, column 5: eval is not allowed"),
        ("import os\ndef b():\n    pass", "b, line 1, column 1: import is not allowed"),
        ("def b():\n    return ().__class__", "b, line 2, column 12: the attribute __class__ is not allowed"),
        ("def b(n):\n    pass", "b, line 1, column 7: parameter n has no type that a block can have"),
        ("", "b"),
    ],
)  # fmt: skip
def test_a_script_that_is_none_defines_nothing(model: Model, source: str, message: str) -> None:
    assert refusal(model, lambda: define(model.document, "b", source)).startswith(message)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"steps": 2.5}, "staircase, line 7: steps must be int, got float '2.5'"),
        ({"steps": "many"}, "staircase, line 7: steps must be int, got str 'many'"),
        ({"rise": True}, "staircase, line 8: rise must be float, got bool 'True'"),
        ({"rise": float("nan")}, "staircase: block: parameters must be finite, got nan"),
        ({"colour": 1}, "staircase: there is no parameter 'colour'; it has steps, rise, going, width, thickness, rail"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_names_the_block_and_the_line(
    model: Model, parameters: dict[str, Any], message: str
) -> None:
    said = refusal(model, lambda: insert(model.document, "staircase", parameters=parameters))
    assert said == message
    stairs = insert(model.document, "staircase")
    model.evaluate()
    assert refusal(model, lambda: set_parameters(model.document, stairs, parameters)) == message
    assert model.evaluate() == ()


def test_unknown_blocks_inputs_and_limits_are_refused(model: Model) -> None:
    document = model.document
    assert refusal(model, lambda: insert(document, "nothing")).startswith(
        "there is no block 'nothing'; there are bolt_circle, door, "
    )
    define(document, "cap", CAP)
    said = "cap, line 2: below takes another block as an input"
    assert refusal(model, lambda: insert(document, "cap")) == said
    assert refusal(model, lambda: insert(document, "cap", inputs={"below": 7})) == (
        "element 1: 7 is no block"
    )
    door = insert(document, "door")
    said = "door, line 8: width is no input, it takes float"
    assert refusal(model, lambda: insert(document, "door", inputs={"width": door})) == said
    assert "fuel" in refusal(model, lambda: insert(document, "door", limits={"fuel": 1}))
    greedy = insert(document, "door", limits={"wall": 60})
    (failed,) = model.runner.evaluate().failed
    assert failed.element == greedy and failed.status == "rejected"
    assert failed.reason == "door: it asks for wall=60; 10 is the most"


FAILING = [
    ("def b():\n    x = math.inf - math.inf\n    line(0, 0, 1, x)", "error", 3, "b, line 3: ValueError: "),
    ("def b():\n    for i in range(10 ** 9):\n        point(i, 0)", "limit", 3, "b, line 3: it drew more than 10000 primitives"),
    ("def b():\n    i = 0\n    while True:\n        i += 1", "limit", 3, "b, line 3: it took more than 1000000 steps"),
    ("def f(n):\n    return f(n + 1)\ndef b():\n    f(0)", "limit", 2, "b, line 2: its functions call each other more than 50 deep"),
    ("def b():\n    sum(range(10 ** 12))", "limit", 1, "b, line 1: it took longer than 1.0 seconds"),
    ("def b():\n    raise ValueError('no')", "error", 2, "b, line 2: ValueError: no"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "status", "line", "message"), FAILING)
def test_an_instance_that_fails_fails_alone(
    model: Model, source: str, status: str, line: int, message: str
) -> None:
    document = model.document
    good = insert(document, "door")
    define(document, "b", source)
    bad = insert(document, "b")
    before = state(document)
    done = model.runner.evaluate()
    assert done.evaluated == (good,)
    (failed,) = done.failed
    assert (failed.element, failed.name, failed.status, failed.line) == (bad, "b", status, line)
    assert failed.message.startswith(message) and failed.message.endswith(f"(element {bad})")
    assert document.geometry(bad) is None and document.box(bad) is None
    assert state(document) == before
    define(document, "b", "def b():\n    point(0, 0)")
    done = model.runner.evaluate()
    assert (done.evaluated, done.failed, model.runner.failed) == ((bad,), (), ())


def test_blocks_that_depend_on_each_other_in_a_circle_are_refused(model: Model) -> None:
    document = model.document
    define(document, "cap", CAP)
    define(document, "post", POST)
    post = insert(document, "post")
    first = insert(document, "cap", inputs={"below": post})
    second = insert(document, "cap", inputs={"below": first})
    model.evaluate()

    def close() -> None:
        with document.transaction() as edit:
            edit.update(first, inputs={"below": second})

    assert refusal(model, close) == (
        f"element {first}: these blocks would depend on each other in a circle: "
        f"{first} -> {second} -> {first}"
    )
    assert model.evaluate() == ()
    # The other way round is no circle, in one transaction.
    with document.transaction() as edit:
        edit.update(second, inputs={"below": post})
        edit.update(first, inputs={"below": second})
    assert model.evaluate() == (first, second)


def test_what_depends_on_what_failed_says_so_and_recovers(model: Model) -> None:
    document = model.document
    define(document, "post", POST)
    define(document, "cap", CAP)
    post = insert(document, "post")
    cap = insert(document, "cap", inputs={"below": post})
    model.evaluate()
    with document.transaction() as edit:  # as a file or an extension may say it
        edit.update(post, parameters={"height": "tall"})
    done = model.runner.evaluate()
    assert [one.message for one in done.failed] == [
        f"post, line 1: height must be float, got str 'tall' (element {post})",
        f"cap: its input below, element {post}, failed (element {cap})",
    ]
    document.undo()
    done = model.runner.evaluate()
    assert (done.evaluated, done.failed) == ((post, cap), ())


def test_a_long_chain_of_inputs_breaks_and_recovers_as_a_whole(model: Model) -> None:
    document = model.document
    define(document, "post", POST)
    define(document, "copy", "def copy(of: Geometry):\n    point(len(of), 0)")
    length = 1_010  # more than Python's frames
    with document.transaction() as edit:
        last = first = edit.create(BlockInstance("post"))
        for _ in range(length):
            last = edit.create(BlockInstance("copy", inputs={"of": last}))
    assert len(model.evaluate()) == length + 1
    with document.transaction() as edit:
        edit.update(first, parameters={"height": "tall"})
    done = model.runner.evaluate()
    assert len(done.failed) == length + 1 and done.failed[-1].element == last
    document.undo()
    assert len(model.evaluate()) == length + 1


def test_blocks_within_each_other_without_end_are_refused(model: Model) -> None:
    parent = 0
    elements = []
    for number in range(1, 1_000):
        elements.append(Element(number, BlockInstance("door"), parent))
        parent = number
    blocks = {"door": LIBRARY["door"].definition}
    document = Document.restored(
        unit="m", next_id=1_000, layers=(), blocks=blocks, elements=elements
    )
    with BlockRunner(document, engine="native") as runner:
        runner.evaluate()
    assert document.placement(200) == IDENTITY
    with pytest.raises(DocumentError, match="element 201: more than 200 blocks are within"):
        document.extent()


def test_an_instance_has_limits_of_its_own(model: Model) -> None:
    document = model.document
    define(document, "dots", "def dots(n: int):\n    for i in range(n):\n        point(i, 0)")
    few = insert(document, "dots", parameters={"n": 20}, limits={"primitives": 10})
    many = insert(document, "dots", parameters={"n": 20_000}, limits={"primitives": 30_000})
    done = model.runner.evaluate()
    assert done.evaluated == (many,)
    assert (
        done.failed[0].message == f"dots, line 3: it drew more than 10 primitives (element {few})"
    )
    with document.transaction() as edit:
        edit.update(few, limits={})
    assert model.evaluate() == (few,)


def test_texts_and_tuples_reach_the_block_and_come_back(model: Model) -> None:
    document = model.document
    source = "def b(xs: tuple[float, ...], name: str = ''):\n    text(sum(xs), 0, name, 2.0)"
    define(document, "b", source)
    made = insert(document, "b", parameters={"xs": (1.0, 2.5), "name": "Tür ✓"})
    model.evaluate()
    geometry = document.geometry(made)
    assert geometry is not None and unpacked(geometry.data)[1] == ("Tür ✓",)
    assert model.drawn(made)[0][:3] == [3.5, 0, 2]
    assert geometry.box == pytest.approx(Box(3.5, 0, 0, 3.5 + 0.6 * 2 * 5, 2, 0))


def test_cancelling_keeps_what_was_done_and_the_rest_dirty(model: Model) -> None:
    document = model.document
    assert model.runner.cancel() is False
    define(document, "slow", "def slow(n: int):\n    for i in range(990_000):\n        n += i")
    ids = [insert(document, "slow", parameters={"n": n}) for n in range(60)]
    cancelled: list[bool] = []

    def cancel() -> None:
        while not cancelled or not cancelled[-1]:
            cancelled.append(model.runner.cancel())

    thread = threading.Thread(target=cancel)
    thread.start()
    done = model.runner.evaluate()
    thread.join()
    assert len(done.evaluated) < len(ids)
    assert {one.status for one in done.failed} == {"cancelled"}
    assert len(done.evaluated) + len(done.failed) == len(ids)
    with document.transaction() as edit:
        for one in ids:
            edit.delete(one)
    assert model.runner.evaluate().failed == ()


def test_bytes_that_are_no_geometry_are_refused() -> None:
    for data in (b"", b"VKG1", b"VKG1\xff\xff\xff\xff[]", b"VKG1\0\0\0\0{}", b"VKG1\0\0\0\0[1]"):
        with pytest.raises(ValueError, match=r"."):
            unpacked(data)


def test_a_block_instance_of_an_unknown_block_is_kept_and_named(model: Model) -> None:
    with model.document.transaction() as edit:
        stairs = edit.create(BlockInstance("gone"))
    (failed,) = model.runner.evaluate().failed
    assert failed.message == f"gone: there is no such block in this document (element {stairs})"
