"""Extensions in their sandboxes: what they do, and what they cannot do."""

import io
import threading
from pathlib import Path
from typing import Any, Literal

import pytest

import ringfence
from apps.vishwakarma.tests.samples import SAMPLES, full, state
from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.elements import Element
from vishwakarma_api.v1.wire import packed, protobuf
from vishwakarma_api.v1.wire.messages import Create, Request, Update
from vishwakarma_app.document import Document
from vishwakarma_app.errors import ExtensionFailed, ExtensionRefused
from vishwakarma_app.extensions import (
    Cancellation,
    Extension,
    Outcome,
    Parameter,
    load,
    run_extension,
    shipped,
)
from vishwakarma_app.extensions.bridge import Bridge
from vishwakarma_app.extensions.guest import guest_modules, protobuf_wheel

ENGINES = ["native", "wasi"]
WIRES: list[Literal["protobuf", "packed"]] = ["protobuf", "packed"]


def command(source: str, **parameters: Parameter) -> Extension:
    source = "import vishwakarma as vk\nimport __main__\n" + source
    return Extension(
        "hostile", "command", "a command", {"main": source}, "main", parameters=parameters
    )


def run(document: Document, source: str, **options: Any) -> Outcome:
    options.setdefault("engine", "native")
    options.setdefault("wire", "packed")
    return run_extension(document, command(source), **options)


EVERYTHING = f"""
def main():
    vk.set_unit("m")
    vk.set_layer("walls", color=0xFF0000FF)
    vk.set_layer("old")
    vk.delete_layer("old")
    nodes = [vk.create_node(x=0, y=0, z=z) for z in range(2)]
    group = vk.create_group(name="g")
    made = vk.batch([{", ".join(f"vk.{shape!r}" for kind, shape in SAMPLES.items() if kind != "member")}], parent=group, layer="walls", color=0x11223344)
    vk.create_member(start=nodes[0], end=nodes[1], section="IPE")
    line = vk.get(made[2])
    assert line.shape == vk.Line2D(0, 0, 3, 4) and line.parent == group and line.color == 0x11223344
    line = vk.update(line, x1=9, color=None)
    assert vk.get(line.id) == line
    vk.update(made[1], parent=0)
    vk.delete(made[3])
    try:
        vk.get(made[3])
    except KeyError:
        pass
    else:
        raise AssertionError
    assert [one.id for one in vk.query(group)] == [one for one in made if one not in (made[1], made[3])]
    assert [one.kind for one in vk.query(kind="circle", layer="walls", box=(3, 3, 0, 4, 4, 0))] == ["circle"]
    assert list(vk.layers()) == ["0", "walls"] and vk.unit() == "m"
    vk.select([line, made[4]])
    assert vk.selection() == [line.id, made[4]]
    vk.progress(0.5, "half")
    lines = vk.batch(vk.Line2D(0, i, 1, i) for i in range(2_500))
    assert sum(1 for _ in vk.query(kind="line")) == 2_501
    return lines[-1] - lines[0]
"""


@pytest.fixture(scope="module")
def reference() -> tuple[object, ...]:
    document = Document()
    run(document, EVERYTHING)
    assert len(document) == 3 + 17 + 1 + 2_500
    return state(document)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("wire", WIRES)
def test_an_extension_leaves_equal_documents_over_both_wires(
    engine: str, wire: Literal["protobuf", "packed"], reference: tuple[object, ...]
) -> None:
    document, seen = Document(), []
    outcome = run(
        document, EVERYTHING, engine=engine, wire=wire, progress=lambda *news: seen.append(news)
    )
    assert state(document) == reference
    assert (outcome.created, outcome.updated, outcome.deleted) == (2_522, 2, 1)
    assert outcome.engine == engine
    assert seen == [(0.5, "half")]
    assert document.undoable == ("a command",)
    document.undo()
    assert state(document)[:2] == state(Document())[:2]


@pytest.mark.parametrize("engine", ENGINES)
def test_guests_use_protobuf_in_python(engine: str) -> None:
    source = """
def main():
    from google.protobuf.internal import api_implementation
    return api_implementation.Type()
"""
    assert run(Document(), source, engine=engine, wire="protobuf").value == "python"


SERIALIZE = """
import os
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"
from google.protobuf.internal import api_implementation
from vishwakarma_api.v1 import Line2D, Element
from vishwakarma_api.v1.wire import packed, protobuf
from vishwakarma_api.v1.wire.messages import Create, Request, Update
data = protobuf.encode_request(Request((Create(Element(5, Line2D(0, 1, 2, 3))),)))
assert protobuf.decode_request(data).commands[0].element.shape == Line2D(0, 1, 2, 3)
api_implementation.Type(), data
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("installed", [False, True])
def test_protobuf_can_be_lent_as_a_wheel_and_where_packages_are_lent_as_installed(
    engine: str, installed: bool
) -> None:
    if installed and not ringfence.engines()[engine].capabilities.packages:
        with pytest.raises(ringfence.RingfenceError):
            ringfence.run("", engine=engine, packages=["protobuf"])
        return
    result = ringfence.run(
        SERIALIZE,
        engine=engine,
        packages=["protobuf" if installed else protobuf_wheel()],
        modules=guest_modules(),
    )
    expected = protobuf.encode_request(Request((Create(Element(5, shapes.Line2D(0, 1, 2, 3))),)))
    assert result.raise_for_status().value == ("python", expected)


# -- hostile guests


LIAR = """
from vishwakarma_api.v1 import session
from vishwakarma_api.v1.elements import Element
from vishwakarma_api.v1.wire import messages, packed

def send(*commands, **more):
    return packed.decode_reply(__main__.exchange(packed.encode_request(messages.Request(commands, **more))))

def lie(thing, **fields):
    for name, value in fields.items():
        object.__setattr__(thing, name, value)
    return thing

LINE = vk.Line2D(0, 0, 1, 1)
"""


@pytest.mark.parametrize(
    ("source", "status", "message"),
    [
        ("def main():\n    __main__.exchange(b'\\xff' * 100)", "refused", "hostile, line 4: these bytes are no message of the protocol"),
        ("def main():\n    __main__.exchange(b'')", "refused", "hostile, line 4: the message ends too early"),
        ("def main():\n    __main__.exchange('text')", "error", "hostile, line 4: TypeError: exchange(): args.request: expected bytes, got str 'text'"),
        ("def main():\n    vk.delete(999)", "refused", "hostile: there is no element 999 (command 0: delete)"),
        ("def main():\n    vk.create_point(x=0, y=0, layer='no')", "refused", "hostile: element 22: there is no layer 'no' (command 0: create point 22)"),
        ("def main():\n    vk.create_point(x=0, y=0, parent=999)", "refused", "hostile: element 22: its parent 999 is not there (command 0: create point 22)"),
        ("def main():\n    vk.create_member(start=3, end=4)", "refused", "hostile: element 22: 3 is no node (command 0: create member 22)"),
        ("def main():\n    list(vk.query(999))", "refused", "hostile, line 4: there is no element 999"),
        ("def main():\n    vk.create_line(x1=0, y1=0, x2=1, y2=float('nan'))", "error", "hostile, line 4: ValueError: line: y2 must be finite, got nan"),
        (LIAR + "def main():\n    send(messages.Create(Element(1, LINE)))", "refused", "element 1: this id was not given, or was used already (command 0: create line 1)"),
        (LIAR + "def main():\n    send(messages.Create(Element(5000, LINE)))", "refused", "element 5000: this id was not given, or was used already"),
        (LIAR + "def main():\n    one = vk.create(LINE)\n    vk.flush()\n    vk.delete(one)\n    send(messages.Create(Element(one, LINE)))", "refused", "this id was not given, or was used already"),
        (LIAR + "def main():\n    send(messages.Create(Element(vk.current().new_id() if 0 else 1, lie(vk.Line2D(0,0,1,1), x1=float('nan')))))", "refused", "command 0: line: x1 must be finite, got nan"),
        (LIAR + "def main():\n    send(messages.Update(Element(5, vk.Point2D(0, 0))))", "refused", "element 5 is a line, and cannot become a point"),
        (LIAR + "def main():\n    send(messages.Update(Element(4, LINE, 4)))", "refused", "element 4 is a point, and cannot become a line"),
        (LIAR + "def main():\n    send(messages.Update(Element(3, vk.Group('g'), 3)))", "refused", "element 3: it would be its own ancestor"),
        (LIAR + "def main():\n    for _ in range(100): send(want_ids=2**32 - 1)", "refused", "an extension took more ids than it may create elements"),
        ("def main():\n    for i in range(10**9): vk.set_layer('a', visible=i % 2 == 0)", "refused", "an extension sent more commands than it may in one run"),
        (LIAR + "def main():\n    send(question=messages.Get(tuple(range(5000))))", "refused", "at most 2000 elements can be asked for at once"),
        (LIAR + "def main():\n    send(progress=messages.Progress(float('nan'), ''))", "refused", "progress: the fraction must be finite"),
        (LIAR + "def main():\n    data = bytearray(packed.encode_request(messages.Request())); data[2] = 9\n    __main__.exchange(bytes(data))", "refused", "the message has version 9.1, and version 1 is understood here"),
        ("def main():\n    vk.batch(vk.Point2D(i, 0) for i in range(10**9))", "refused", "an extension may create 5000 elements in one run"),
        ("def main():\n    vk.batch([vk.Point2D(0, 0)] * 3000)\n    vk.delete(5)\n    1 / 0", "error", "hostile, line 6: ZeroDivisionError: division by zero"),
        ("def main():\n    vk.create_point(x=0, y=0)\n    import os\n    os._exit(0)", "crashed", "hostile: "),
        ("def main():\n    vk.create_point(x=0, y=0)\n    while True: pass", "limit", "hostile: the guest reached its limit wall=1 s"),
        ("def main():\n    vk.create_point(x=0, y=0)\n    raise SystemExit", "error", "hostile: it ended before it was finished"),
        ("def main(:", "error", "hostile, line 3: SyntaxError: invalid syntax"),
        ("pass", "error", "AttributeError"),
    ],
)  # fmt: skip
def test_a_hostile_guest_leaves_the_document_as_it_was(
    source: str, status: str, message: str
) -> None:
    document = full()
    document.select([5])
    before = state(document)
    with pytest.raises(ExtensionFailed) as caught:
        run(document, source, limits=ringfence.Limits(wall=1), primitives=5_000)
    assert message in str(caught.value)
    assert caught.value.status == status
    assert state(document) == before
    assert document.undoable == ("edit",)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("def main():\n    __main__.exchange(b'\\xff' * 100)", "refused"),
        ("def main():\n    vk.create_point(x=0, y=0)\n    vk.delete(999)", "refused"),
        ("def main():\n    vk.batch([vk.Point2D(0, 0)] * 3000)\n    1 / 0", "error"),
        ("def main():\n    vk.batch([vk.Point2D(0, 0)] * 3000)\n    while True: pass", "limit"),
        (
            "def main():\n    vk.delete(5)\n    vk.flush()\n    import os\n    os._exit(0)",
            "crashed",
        ),
    ],
)
def test_a_hostile_guest_on_wasi_leaves_the_document_as_it_was(source: str, status: str) -> None:
    document = full()
    before = state(document)
    with pytest.raises(ExtensionFailed) as caught:
        run(document, source, engine="wasi", limits=ringfence.Limits(wall=1))
    assert caught.value.status == status, str(caught.value)
    assert state(document) == before


def test_an_error_that_the_guest_swallows_still_fails_the_whole() -> None:
    document = full()
    before = state(document)
    source = """
def main():
    vk.delete(999)
    for attempt in range(3):
        try:
            vk.create_point(x=0, y=0)
            vk.flush()
        except Exception:
            pass
    vk.current = None
"""
    with pytest.raises(ExtensionFailed, match="there is no element 999"):
        run(document, source)
    assert state(document) == before


def test_a_fault_of_the_application_fails_the_whole_whatever_the_guest_catches() -> None:
    document = full()
    before = state(document)

    def fault(_: float | None, __: str) -> None:
        raise RuntimeError("secret")

    source = """
def main():
    vk.create_point(x=0, y=0)
    try:
        vk.progress(0.5)
    except Exception as error:
        assert "secret" not in str(error)
"""
    with pytest.raises(ExtensionFailed, match="the application failed while it did what"):
        run(document, source, progress=fault)
    assert state(document) == before


def test_large_elements_go_in_messages_that_are_not_too_large() -> None:
    document = Document()
    source = """
def main():
    vk.batch(vk.Text2D("\u2713" * 30_000, 0, i) for i in range(100))
    vk.batch(vk.Polyline2D([(x, y) for x in range(20_000)]) for y in range(12))
    return sum(len(one.shape.text) for one in vk.query(kind="text")), len(list(vk.query()))
"""
    assert run(document, source).value == (3_000_000, 112)


def test_what_a_run_sends_is_bounded_in_all() -> None:
    document = full()
    request = packed.encode_request(Request((Update(Element(5, shapes.Line2D(0, 0, 1, 1))),)))
    with document.transaction() as edit:
        bridge = Bridge(
            document,
            edit,
            packed,
            publisher="acme",
            primitives=10,
            progress=None,
            most_bytes=2 * len(request),
        )
        bridge.exchange(request)
        bridge.exchange(request)
        for _ in range(2):
            with pytest.raises(
                ringfence.GuestVisibleError, match="more bytes than it may in one run"
            ):
                bridge.exchange(request)


def test_an_exporter_only_reads() -> None:
    document = full()
    before = state(document)
    source = "import vishwakarma as vk\ndef main(target):\n    vk.delete(5)"
    exporter = Extension("spy", "exporter", "an exporter", {"main": source}, "main")
    with pytest.raises(ExtensionFailed, match="an exporter only reads the document"):
        run_extension(document, exporter, target=io.BytesIO(), engine="native")
    assert state(document) == before


def test_a_run_can_be_cancelled_from_another_thread() -> None:
    document, cancellation = full(), Cancellation()
    before = state(document)

    def cancel(_: float | None, __: str) -> None:
        thread = threading.Thread(target=cancellation.cancel)
        thread.start()
        thread.join()

    source = "def main():\n    vk.create_point(x=0, y=0)\n    vk.progress(0.1)\n    while True: vk.progress(0.2)"
    with pytest.raises(ExtensionFailed, match="hostile was cancelled") as caught:
        run(document, source, progress=cancel, cancellation=cancellation)
    assert caught.value.status == "cancelled" and state(document) == before
    with pytest.raises(ExtensionFailed, match="was cancelled"):
        run(document, "def main(): pass", cancellation=cancellation)


def test_progress_of_an_extension_is_one_printable_line() -> None:
    seen: list[tuple[float | None, str]] = []
    source = "def main():\n    vk.progress(7, '\\x1b[2J\\n' + 'x' * 500)\n    vk.progress(None)"
    run(Document(), source, progress=lambda *news: seen.append(news))
    assert seen == [(1.0, " [2J " + "x" * 195), (None, "")]


# -- what ships


OBJ = b"""
o cube
usemtl steel
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 0 0 1
v 1 0 1
v 1 1 1
v 0 1 1
f 4 3 2 1
f 5 6 7 \\
  8
f 1/1 2/2 6//3 5
f 2 3 7 6
f 3 4 8 7
f -5 -8 -4 -1
l 1 7
p -1 # the last
"""


def imported(data: bytes, **options: Any) -> Document:
    document = Document("m")
    run_extension(document, shipped()["obj-import"], source=io.BytesIO(data), **options)
    return document


@pytest.mark.parametrize("engine", ENGINES)
def test_obj_import(engine: str) -> None:
    seen: list[tuple[float | None, str]] = []
    document = imported(OBJ, engine=engine, progress=lambda *news: seen.append(news))
    group, line, node, mesh = document
    assert group.shape == shapes.Group("cube")
    assert line.shape == shapes.Polyline3D([(0, 0, 0), (1, 1, 1)])
    assert node.shape == shapes.Node3D(0, 1, 1)
    assert isinstance(mesh.shape, shapes.Mesh3D) and mesh.parent == group.id
    assert (len(mesh.shape.vertices), len(mesh.shape.faces)) == (8, 6)
    assert mesh.layer == "steel" and document.layers["steel"].color == 0x808080FF
    assert seen[-1] == (1.0, "reading")


def test_obj_import_can_turn_and_scale() -> None:
    document = imported(b"v 1 2 3\np 1", engine="native", parameters={"z_up": "no", "scale": "2"})
    assert [one.shape for one in document] == [shapes.Node3D(2, -6, 4)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"v 0 0\n", "line 1 of the file: not enough values to unpack"),
        (b"v 0 0 nan\np 1", "line 2 of the file: node: z must be finite, got nan"),
        (b"v 0 0 0\nf 1 1 9", "line 2 of the file: there is no vertex 9"),
        (b"\x00\xff" * 500, "there are no vertices in this file; is it an OBJ file?"),
        (b"", "there are no vertices in this file; is it an OBJ file?"),
    ],
)
def test_obj_files_that_are_wrong_end_in_a_clear_error(data: bytes, message: str) -> None:
    with pytest.raises(ExtensionFailed) as caught:
        imported(data, engine="native")
    assert message in str(caught.value)


def test_svg_export() -> None:
    document = full()
    with document.transaction() as edit:
        edit.set_layer("a&b", color=0xFF000080)
        edit.create(shapes.Text2D("<x>\x01", 0, 0), layer="a&b")
        edit.set_layer("hidden", visible=False)
        edit.create(shapes.Circle2D(0, 0, 999), layer="hidden")
    pictures = []
    for engine in ENGINES:
        out = io.BytesIO()
        run_extension(document, shipped()["svg-export"], target=out, engine=engine)
        pictures.append(out.getvalue().decode())
    (text,) = set(pictures)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns=')
    assert '<g data-layer="a&amp;b" ' in text and "&lt;x&gt;\ufffd" in text
    assert 'fill="#ff0000" fill-opacity="0.502"' in text
    assert '<circle cx="5" cy="-5" r="2" stroke="#000000"/>' in text
    assert "999" not in text


def test_stl_export() -> None:
    document = Document()
    with document.transaction() as edit:
        edit.create(shapes.Cuboid3D(0, 0, 0, 1, 2, 3))
        edit.create(shapes.Extrusion3D([(0, 0), (4, 0), (4, 1), (1, 1), (1, 4), (0, 4)], 1))
    out = io.BytesIO()
    count = run_extension(document, shipped()["stl-export"], target=out, engine="native").value
    data = out.getvalue()
    assert count == 12 + 2 * 4 + 12
    assert len(data) == 84 + 50 * count and int.from_bytes(data[80:84], "little") == count
    with pytest.raises(ExtensionFailed, match="there are no solids to export"):
        run_extension(Document(), shipped()["stl-export"], target=io.BytesIO(), engine="native")


def test_array_copy_copies_trees_and_members() -> None:
    document = Document()
    with document.transaction() as edit:
        group = edit.create(shapes.Group("frame"))
        nodes = [edit.create(shapes.Node3D(0, 0, z), parent=group) for z in range(2)]
        edit.create(shapes.Member3D(nodes[0], nodes[1]), parent=nodes[0])
        edit.create(shapes.Line2D(0, 0, 1, 1), color=0x12345678)
    document.select([group, 5])
    outcome = run_extension(
        document,
        shipped()["array-copy"],
        engine="native",
        parameters={"columns": 2, "rows": 2, "dx": 5.0, "dy": 7.0},
    )
    assert outcome.value == outcome.created == 15 and len(document) == 20
    copies = document.query(kind="line")[1:]
    assert [one.shape for one in copies] == [
        shapes.Line2D(x, y, x + 1, y + 1) for x, y in ((5, 0), (0, 7), (5, 7))
    ]
    assert {one.color for one in copies} == {0x12345678}
    for member in document.query(kind="member"):
        assert isinstance(member.shape, shapes.Member3D) and member.parent == member.shape.start
    document.undo()
    assert len(document) == 5
    document.select([])
    with pytest.raises(ExtensionFailed, match="ValueError: nothing is selected"):
        run_extension(document, shipped()["array-copy"], engine="native")


def test_measure_draws_a_table() -> None:
    document = Document("m")
    with document.transaction() as edit:
        edit.create(shapes.Line2D(0, 0, 3, 4))
        edit.create(shapes.Polyline2D([(0, 0), (1, 0), (1, 1), (0, 1)], closed=True))
        edit.create(shapes.Cuboid3D(0, 0, 0, 1, 1, 1))
    outcome = run_extension(document, shipped()["measure"], engine="native")
    assert outcome.value == [(1, "line", 5.0), (2, "polyline", 4.0)]
    texts = [
        one.shape.text
        for one in document.query(layer="measures")
        if isinstance(one.shape, shapes.Text2D)
    ]
    assert texts == ["length [m]", "1  line  5.000", "2  polyline  4.000", "total  9.000"]


# -- manifests


def write(folder: Path, manifest: str, source: str = "def main(): pass") -> Path:
    (folder / "plugin.toml").write_text(manifest)
    (folder / "main.py").write_text(source)
    return folder


GOOD = """
[plugin]
name = "mine"
version = "1.0.0"
author = "ada"
title = "Mine"
kind = "command"
entry = "main"

[spec]
name = "vishwakarma"
version = "1.0"

[host]
function = "main"
"""


def test_an_extension_of_ones_own(tmp_path: Path) -> None:
    extension = load(write(tmp_path, GOOD + '[parameters.n]\ntype = "int"\ndefault = 3\n'))
    assert extension.arguments({}) == {"n": 3} and extension.arguments({"n": "7"}) == {"n": 7}
    wrong: list[tuple[dict[str, object], str]] = [
        ({"m": 1}, "mine has no parameter 'm'; it has n"),
        ({"n": "x"}, "mine: n: invalid literal"),
        ({"n": 1.5}, "mine: n: int was expected, got float"),
        ({"n": True}, "mine: n: int was expected, got bool"),
    ]
    for given, message in wrong:
        with pytest.raises(ExtensionRefused) as caught:
            extension.arguments(given)
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("x", "plugin.toml: it is no TOML"),
        ("", "plugin.toml: plugin: it is missing"),
        (GOOD.replace("mine", "../x"), "plugin.name: it must be lower-case words with hyphens"),
        (GOOD.replace("command", "driver"), "kind must be importer, exporter, command or blocks"),
        (GOOD.replace('n = "main"', 'n = "os.system"'), "host.function: it must be the name of a"),
        (GOOD.replace('n = "main"', "n = ['main']"), "host.function: it must be the name of a"),
        (GOOD + "suffixes = ['.x']", "host.suffixes: an importer or exporter has some"),
        (GOOD.replace("command", "importer"), "host.suffixes: an importer or exporter has some"),
        (GOOD + "engines = []", "host.engines: it has to run somewhere"),
        (GOOD + "engines = ['micro']", "host.engines: it must be one of native, wasi"),
        (GOOD + "engines = ['wasi', 'wasi']", "host.engines: one is in it twice"),
        (GOOD + "surprise = 1", "host.surprise: there is no such field"),
        (GOOD.replace('1.0"\n\n[h', '2.0"\n\n[h'), "mine is for vishwakarma 2.0, and this is"),
        (GOOD.replace('1.0"\n\n[h', '1.1"\n\n[h'), "mine is for vishwakarma 1.1, and this is"),
        (GOOD.replace('"vishwakarma"', '"worldgen.terrain"'), "mine is for worldgen.terrain 1.0"),
        (
            GOOD.replace("[spec]", "packages = ['ezdxf']\n[spec]"),
            "packages are lent to the application's own extensions only",
        ),
        (GOOD.replace("[spec]", "grants = ['net']\n[spec]"), "there is no grant 'net'"),
        (GOOD + "[parameters.n]\ntype='object'\ndefault=1", "parameters.n.type: it must be one of"),
    ],
)
def test_manifests_that_are_wrong_are_refused(tmp_path: Path, manifest: str, message: str) -> None:
    with pytest.raises(ExtensionRefused) as caught:
        load(write(tmp_path, manifest))
    assert message in str(caught.value)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExtensionRefused, match=r"it has no plugin.toml"):
        load(tmp_path)
    with pytest.raises(ExtensionRefused, match="an importer reads a file, and nobody else does"):
        run_extension(Document(), shipped()["obj-import"])
    with pytest.raises(
        ExtensionRefused, match="obj-import runs on native or wasi; asked for was micro"
    ):
        imported(b"", engine="micro")
