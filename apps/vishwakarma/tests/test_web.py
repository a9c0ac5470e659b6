"""The web application through real HTTP and WebSockets: what a page does, and what others try."""

import asyncio
import io
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from apps.vishwakarma.tests.samples import full
from apps.vishwakarma.tests.web_client import (
    PageClient,
    origin_of,
    page,
    request,
    serving,
)
from vishwakarma_api.v1 import shapes
from vishwakarma_app import blocks
from vishwakarma_app.document import Document
from vishwakarma_app.errors import ExtensionFailed
from vishwakarma_app.extensions import run_extension, shipped
from vishwakarma_app.storage import document_bytes, parse_document, read_document, write_document
from vishwakarma_app.web import Server
from vishwakarma_app.web.hub import Hub
from vishwakarma_app.web.workspace import Workspace
from vishwakarma_app.workshop import Catalogue

BROKEN = "def broken(n: int = 3):\n    for i in range(n):\n        line(0, 0, i, 1)\n    line(1 / (n - 3), 0, 1, 1)\n"
OBJ = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nf 1 2 3\n"


def model() -> Document:
    document = Document("m")
    with document.transaction() as edit:
        edit.set_layer("walls", color=0xB04030FF)
        edit.create(shapes.Line2D(0, 0, 3, 4), layer="walls")
        edit.create(shapes.Cuboid3D(0, 0, 0, 1, 2, 3), color=0x00FF00FF)
        edit.set_block("broken", BROKEN)
        edit.create(shapes.BlockInstance("broken", {"n": 4}))
    blocks.insert(document, "staircase", parameters={"steps": 10})
    return document


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("web") / "model.vk"
    write_document(path, model())
    with serving(path) as found:
        yield found


@pytest.fixture
def one(server: Server, tmp_path: Path) -> Iterator[PageClient]:
    """A page that begins with the model."""
    with page(server.url) as found:
        reopen(found, model())
        yield found


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageClient]:
    """A page of a model that nothing changes."""
    path = tmp_path_factory.mktemp("steady") / "model.vk"
    write_document(path, model())
    with serving(path) as server, page(server.url) as client:
        client.until(lambda: len(client.shown) == 4 and sum(client.shown[4][2]))
        yield client


def reopen(client: PageClient, document: Document, name: str = "model.vk") -> None:
    token = client.upload(document_bytes(document), name).json["file"]
    client.change("open", file=token)
    drawn = [one.id for one in document if one.kind != "group"]
    client.until(lambda: sorted(client.shown) == drawn and client.activity is None)
    made = [one.id for one in document if one.kind == "block"]
    client.until(lambda: all(sum(client.shown[each][2]) for each in made))


# -- the door


def test_the_page_is_served_with_what_belongs_to_it_and_nothing_else(server: Server) -> None:
    answer = request(server.url)
    assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy and "http" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for name in ("main.js", "style.css", "icon.svg"):
        assert request(server.url, name).status == 200
    static = Path(blocks.__file__).parent.parent / "web" / "static"
    for file in static.iterdir():
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text and "//cdn" not in text and "innerHTML" not in text, file.name


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"whole": "/"}, 404),
        ({"whole": "/index.html"}, 404),
        ({"whole": "/" + "A" * 43 + "/"}, 404),
        ({"whole": "*", "method": "OPTIONS"}, 404),
        ({"path": "%2e%2e/%2e%2e/etc/passwd"}, 404),
        ({"path": "../guard.py"}, 404),
        ({"path": "..%2fguard.py"}, 404),
        ({"headers": {"Host": "vishwakarma.attacker.example"}}, 421),
        ({"headers": {"Host": "127.0.0.1:1"}}, 421),
        ({"headers": {"Host": "127.0.0.1"}}, 421),
        ({"headers": {"Origin": "http://attacker.example"}}, 403),
        ({"headers": {"Origin": "null"}}, 403),
        ({"headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"}, "path": "main.js"}, 403),
        ({"headers": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "empty"}}, 403),
        ({"headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}}, 200),
        ({"method": "POST", "path": "files/"}, 403),
        ({"method": "POST", "path": "files/", "headers": {"Origin": "http://localhost:1"}}, 403),
        ({"method": "POST", "path": "files/", "headers": {"Origin": "HERE"}}, 404),
        ({"method": "POST", "headers": {"Origin": "HERE"}}, 405),
        ({"path": "files/x"}, 404),
        ({"path": "files/x?page=y"}, 404),
    ],
)  # fmt: skip
def test_strangers_stay_outside(server: Server, change: dict[str, Any], status: int) -> None:
    headers = change.pop("headers", {})
    if headers.get("Origin") == "HERE":
        headers = {**headers, "Origin": origin_of(server.url)}
    answer = request(server.url, change.pop("path", ""), headers=headers, **change)
    assert answer.status == status
    assert urlsplit(server.url).path.strip("/").encode() not in answer.body
    assert "content-security-policy" in answer.headers


def test_a_socket_is_for_our_page_alone(server: Server) -> None:
    right = "ws" + server.url.removeprefix("http") + "socket/"
    parts = urlsplit(right)
    wrong = f"ws://{parts.netloc}/{'A' * 43}/socket/"
    here = origin_of(server.url)
    for url, origin in (
        (wrong, here),
        (f"ws://{parts.netloc}/socket/", here),
        (right, None),
        (right, "http://attacker.example"),
        (right, "null"),
        (right, here.replace("127.0.0.1", "localhost")),
    ):
        with pytest.raises(InvalidStatus) as refused:
            connect(url, origin=Origin(origin) if origin else None, proxy=None)
        assert refused.value.response.status_code == 403
    # A name that somebody makes point to 127.0.0.1: the origin is the host's own, and both are wrong.
    name = f"rebound.example:{parts.port}"
    raw = socket.create_connection(("127.0.0.1", parts.port or 0))
    with raw, pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{name}{parts.path}", sock=raw, proxy=None, origin=Origin(f"http://{name}"))
    assert refused.value.response.status_code == 403


# -- files


def test_what_is_too_large_is_not_kept(one: PageClient) -> None:
    told = one.upload(b"x" * ((1 << 20) + 1))
    assert told.status == 413 and told.json == {"error": "the file has more than 1048576 bytes"}
    untold = one.upload(iter([b"x" * (1 << 19)] * 3))
    assert untold.status == 413
    assert one.upload(b"x" * (1 << 20)).status == 200


def test_a_page_has_its_own_files(one: PageClient, server: Server) -> None:
    token = one.upload(OBJ, "a.obj").json["file"]
    with page(server.url) as other:
        words = other.refused("import", file=token, extension="obj-import", parameters={})
        assert words == "this file is not here any more; choose it again"
        assert other.download(token).status == 404
    assert one.download(token).body == OBJ


def hostile_files() -> list[tuple[bytes, str]]:
    good = document_bytes(model())
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.deserialize(good)
    database.execute("CREATE TRIGGER t AFTER INSERT ON elements BEGIN SELECT 1; END")
    trigger = database.serialize()
    database.execute("DROP TRIGGER t")
    database.execute("UPDATE meta SET value = ? WHERE key = 'next_id'", [str(2**60)])
    numbers = database.serialize()
    database.close()
    return [
        (b"", "evil.vk: this is no Vishwakarma file"),
        (b"PK\x03\x04" * 100, "evil.vk: this is no Vishwakarma file"),
        (good[:-4096], "evil.vk: the file is damaged: it has not the length that it should have"),
        (trigger, "evil.vk: its tables are not those of version"),
        (numbers, "evil.vk: its elements have numbers beyond what a page can count"),
    ]


def test_a_hostile_model_is_refused_and_nothing_changes(one: PageClient) -> None:
    before = one.state
    for data, words in hostile_files():
        token = one.upload(data, "evil.vk").json["file"]
        assert one.refused("open", file=token).startswith(words)
    assert one.ask("describe", element=1)["kind"] == "line"
    assert {**one.state, "revision": 0} == {**before, "revision": 0}


def test_names_are_names(one: PageClient) -> None:
    name = '<img src=x onerror=alert(1)>"\r\nSet-Cookie: a=b\u202e'
    reopen(one, model(), f"../../etc/{name}.vk")
    shown = name.replace("\r", "\ufffd").replace("\n", "\ufffd").replace("\u202e", "\ufffd") + ".vk"
    assert one.state["name"] == shown
    done = one.ask("save")
    assert done["name"] == shown
    answer = one.download(done["file"])
    assert answer.status == 200 and "set-cookie" not in answer.headers
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''%3Cimg%20src%3Dx")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert [each.kind for each in parse_document(answer.body, name="x")] == ["line", "cuboid", "block", "block"]  # fmt: skip


def test_what_was_opened_from_a_path_is_saved_there(tmp_path: Path) -> None:
    path = tmp_path / "m.vk"
    write_document(path, model())
    with serving(path) as server, page(server.url) as client:
        client.until(lambda: len(client.shown) == 4)
        assert client.state["saves"] and not client.state["changed"]
        client.change("update", element=1, changes={"x1": -7.5, "layer": "0", "color": 0x11223344})
        assert client.state["changed"] and client.state["undo"] == "change line"
        assert client.change("save") == {"saved": True}
        assert not client.state["changed"]
    saved = read_document(path)[1]
    assert (saved.shape, saved.layer, saved.color) == (shapes.Line2D(-7.5, 0, 3, 4), "0", 0x11223344)  # fmt: skip


# -- messages that no page of ours sends


@pytest.mark.parametrize(
    "message",
    [
        "nonsense",
        "[]",
        "[" * 100_000,
        "{}",
        '{"number": 1}',
        '{"number": -1, "do": "undo"}',
        '{"number": 1e400, "do": "undo"}',
        '{"number": 1, "do": 5}',
        b"\x00\x01",
    ],
    ids=range(9),
)
def test_nonsense_ends_the_page_alone(server: Server, message: str | bytes) -> None:
    with page(server.url) as client:
        client.socket.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            client.until(lambda: False)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
    with page(server.url) as client:
        assert client.state["elements"]


@pytest.mark.parametrize(
    ("what", "given", "words"),
    [
        ("shutdown", {}, "there is no 'shutdown'"),
        ("__class__", {}, "there is no '__class__'"),
        ("select", {"ids": [99]}, "there is no element 99"),
        ("select", {"ids": "all"}, "ids: at most 200000 ids were expected"),
        ("select", {"ids": [1, 2**70]}, "ids: the number of an element was expected"),
        ("describe", {"element": True}, "element: the number of an element was expected"),
        ("insert", {"block": "staircase", "x": "0", "y": 0}, "x: a number was expected"),
        ("insert", {"block": "staircase", "x": 10**400, "y": 0}, "x: a finite number was expected"),
        ("insert", {"block": "<b>", "x": 0, "y": 0}, "there is no block '<b>'; there are "),
        ("parameters", {"element": 1, "values": {}}, "element 1 is a line, no block instance"),
        ("parameters", {"element": 4, "values": {"steps": "many"}}, "staircase"),
        ("parameters", {"element": 4, "values": {"nothing": 1}}, "staircase"),
        ("parameters", {"element": 4, "values": {"steps": {"a": 1}}}, "values: names and single values were expected"),
        ("update", {"element": 1, "changes": {"shape": 1}}, "a line has no 'shape' that can be set here"),
        ("update", {"element": 1, "changes": {"x1": None}}, "element 1: line: x1 must be a number, got NoneType"),
        ("update", {"element": 1, "changes": {"color": 2**40}}, "element 1: "),
        ("layer", {"name": "none", "changes": {}}, "there is no layer 'none'"),
        ("layer", {"name": "walls", "changes": {"name": "x"}}, "a layer has no 'name'"),
        ("source", {"block": "none"}, "the document has no block 'none'"),
        ("new", {"unit": "ell"}, "no unit 'ell'; there are"),
        ("open", {"file": "x"}, "this file is not here any more; choose it again"),
        ("command", {"extension": "obj-import"}, "there is no command 'obj-import'"),
        ("command", {"extension": "array-copy", "parameters": {"rows": "x"}}, "array-copy: rows: "),
        ("command", {"extension": "array-copy"}, "array-copy, line "),
        ("export", {"extension": "svg-export", "parameters": {"view": "<i>"}}, "svg-export, line 18: ValueError: view must be plan or isometric, not '<i>'"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_and_changes_nothing(
    steady: PageClient, what: str, given: dict[str, Any], words: str
) -> None:
    assert steady.refused(what, **given).startswith(words)
    steady.change("select", ids=[])
    assert (steady.state["elements"], steady.state["undo"]) == (4, None)


def test_a_flood_of_messages_ends_the_page(server: Server) -> None:
    with page(server.url) as client:
        client.send("command", extension="slow")
        client.until(lambda: client.activity and client.activity["message"])
        for _ in range(101):
            client.send("undo")
        with pytest.raises(ConnectionClosed) as closed:
            client.until(lambda: False)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008


# -- what is shown


def test_the_drawing_is_what_the_document_says(one: PageClient) -> None:
    _, box, counts, positions, colors = one.shown[1]
    assert counts == [0, 2, 0, 0] and colors == ["b04030ff"] * 2
    assert positions.tolist() == [[0, 0, 0], [3, 4, 0]]
    assert box.tolist() == [-1.5, -2, 0, 1.5, 2, 0]
    _, box, counts, positions, colors = one.shown[2]
    assert counts == [0, 24, 0, 36] and colors == ["007200ff"] * 24 + ["00ff00ff"] * 36
    assert positions.min(0).tolist() == [0, 0, 0] and positions.max(0).tolist() == [1, 2, 3]
    _, _, counts, positions, _ = one.shown[3]
    assert counts == [0, 10, 0, 0]
    _, _, counts, positions, _ = one.shown[4]
    assert counts[3] == 10 * 36


def test_every_kind_is_drawn_and_far_away_nothing_is_lost(server: Server) -> None:
    document = full()
    far = 2.0**30
    with document.transaction() as edit:
        line = edit.create(shapes.Line2D(far, far, far + 2.0**-10, far))
        hidden = edit.create(shapes.Point2D(0, 0), layer="0")
        edit.set_layer("off", visible=False)
        edit.update(hidden, layer="off")
    with page(server.url) as client:
        token = client.upload(document_bytes(document)).json["file"]
        client.change("open", file=token)
        drawn = {each.id for each in document if each.kind != "group"} - {hidden}
        client.until(lambda: client.shown.keys() == drawn)
        positions = client.shown[line][3]
        assert positions.tolist() == [[far, far, 0], [far + 2.0**-10, far, 0]]
        texts = [label for frame in client.frames for label in frame.labels]
        assert [label["text"] for label in texts] == ["Ünïcode\n✓"]
        kinds = {document[number].kind: shown[2] for number, shown in client.shown.items()}
        assert kinds["point"][0] == kinds["node"][0] == 1
        assert kinds["polygon"][2] == 3 and kinds["mesh"][3] == 3
        assert kinds["member"][1] == 2 and kinds["block"] == [0, 0, 0, 0]
        client.change("layer", name="off", changes={"visible": True})
        client.until(lambda: hidden in client.shown)
        client.change("layer", name="off", changes={"visible": False})
        client.until(lambda: hidden not in client.shown)
        before = len(client.frames)
        client.change("layer", name="0", changes={"color": 0xFF8800FF})
        client.until(lambda: client.shown[line][4] == ["ff8800ff"] * 2)
        assert sum(len(frame.pieces) for frame in client.frames[before:]) == len(drawn)


def test_blocks_are_drawn_where_they_stand() -> None:
    from vishwakarma_app.web.pieces import piece_of

    source = """
def all_kinds(n: int = 1):
    point(1, 2, z=3)
    line(0, 0, 1, 0, 0xFF0000FF)
    line3(0, 0, 0, 0, 0, 1)
    circle(0, 0, 2)
    arc(0, 0, 2, 0, 90)
    text(1, 1, "here", 0.5, 90)
    polyline([(0, 0), (1, 0), (1, 1)])
    polygon([(0, 0), (1, 0), (1, 1), (0, 1)])
    polygon([(0, 0), (2, 0), (2, 2), (1, 1), (0, 2)])
    polygon([(0, 0, 0), (1, 0, 0), (0, 0, 1)])
    cuboid(0, 0, 0, 1, 2, 3)
    cylinder(0, 0, 0, 1, 2)
    cone(0, 0, 0, 1, 0, 2)
    sphere(0, 0, 0, 1)
    extrusion([(0, 0), (1, 0), (1, 1)], 2)
"""
    document = Document("m")
    with document.transaction() as edit:
        edit.set_block("all_kinds", source)
        turned = (0.0, -1.0, 0.0, 10.0, 1.0, 0.0, 0.0, 20.0, 0.0, 0.0, 1.0, 30.0)
        outer = edit.create(shapes.BlockInstance("all_kinds", {}, turned), color=0x123456FF)
        moved = (1.0, 0.0, 0.0, 5.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
        inner = edit.create(shapes.BlockInstance("all_kinds", {}, moved), parent=outer)
    with blocks.BlockRunner(document, engine="native") as runner:
        assert runner.evaluate().failed == ()
    piece, nested = piece_of(document, document[outer]), piece_of(document, document[inner])
    assert piece.points.tolist() == [[8, 21, 33]]
    assert piece.lines[:4].tolist() == [[10, 20, 30], [10, 21, 30], [10, 20, 30], [10, 20, 31]]
    counts = [len(piece.lines), len(piece.areas), len(piece.faces)]
    edges = 2 + 2 + 2 * 96 + 4 + 24 + 2 * 96 + 18
    drum = 4 * 24 * 3
    assert counts == [edges, 6 + 9, 3 + 36 + 2 * drum + 24 * 22 * 3 + 2 * 3 + 18]
    assert piece.colors[0] == 0x123456FF and piece.colors[1] == 0xFF0000FF
    label = piece.labels[0]
    assert (label.text, label.height) == ("here", 0.5)
    np.testing.assert_allclose([label.at, label.right, label.up], [[9, 21, 30], [-1, 0, 0], [0, -1, 0]], atol=1e-12)  # fmt: skip
    one, two = (piece.areas[i::3] - piece.areas[0::3] for i in (1, 2))
    area = np.abs(np.cross(one, two)).sum() / 2
    assert area == pytest.approx(1 + 3)
    assert nested.points.tolist() == [[8, 26, 33]]


FAR = """
def far(n: float = 1e308):
    line3(-n, -n, -n, n, n, n)
    circle(n, n, n)
    text(n, -n, "far", n)
    cuboid(n, 0, 0, n, n, n)
    polygon([(0, 0), (n, 0), (n, n), (0, n)])
    sphere(0, 0, 0, n)
"""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_script_that_draws_at_the_end_of_all_numbers_breaks_no_page(server: Server) -> None:
    document = model()
    with document.transaction() as edit:
        edit.set_block("far", FAR)
        wide = (1e15, 0.0, 0.0, 0.0, 0.0, 1e15, 0.0, 0.0, 0.0, 0.0, 1e15, 0.0)
        far = edit.create(shapes.BlockInstance("far", {}, wide))
    with page(server.url) as client:
        reopen(client, document)
        origin, box, counts, positions, _ = client.shown[far]
        assert counts[0] == 0 and all(counts[1:])
        for numbers in (origin, box, positions):
            assert np.isfinite(numbers).all() and np.abs(numbers).max() <= 2.1e15
        assert all(np.isfinite([*one["at"], *one["right"], *one["up"], one["height"]]).all() for frame in client.frames for one in frame.labels)  # fmt: skip
        found = client.ask("describe", element=far)
        assert found["kind"] == "block"


# -- what a person does


def test_a_slider_sends_only_what_changed_and_is_undone_as_one(one: PageClient) -> None:
    found = one.ask("describe", element=4)
    assert found["block"] == "staircase"
    steps = next(each for each in found["parameters"] if each["name"] == "steps")
    assert (steps["type"], steps["value"]) == ("int", 10)
    assert steps["low"] < 10 < steps["high"]
    before, shown = len(one.frames), one.shown[4]
    for value in (11, 12, 13):
        one.change("parameters", element=4, values={"steps": value}, drag="7")
        one.until(lambda value=value: one.shown[4][2][3] == value * 36)  # type: ignore[misc]
    assert {number for frame in one.frames[before:] for number in frame.pieces} == {4}
    assert one.shown[4][1][3] > shown[1][3]
    one.change("parameters", element=4, values={"steps": 20}, drag="8")
    assert one.refused("parameters", element=4, values={"steps": 2.5}, drag="8").startswith(
        "staircase"
    )
    one.change("undo")
    one.until(lambda: one.shown[4][2][3] == 13 * 36)
    one.change("undo")
    one.until(lambda: one.shown[4][2][3] == 10 * 36)
    assert one.state["undo"] is None and one.state["redo"] == "change staircase"
    one.change("redo")
    one.until(lambda: one.shown[4][2][3] == 13 * 36)


def test_a_block_that_fails_is_listed_with_its_line(one: PageClient) -> None:
    assert one.state["failed"] == []
    one.change("parameters", element=3, values={"n": 3})
    (failed,) = one.state["failed"]
    assert failed == {
        "element": 3,
        "block": "broken",
        "status": "error",
        "reason": "ZeroDivisionError: division by zero",
        "message": "broken, line 4: ZeroDivisionError: division by zero (element 3)",
        "line": 4,
    }
    assert one.ask("source", block="broken") == BROKEN
    one.until(lambda: one.shown[3][2] == [0, 0, 0, 0])
    one.change("parameters", element=3, values={"n": 2})
    assert one.state["failed"] == []


def test_a_block_of_the_library_is_inserted_and_selected(one: PageClient) -> None:
    assert {each["name"] for each in one.hello["library"]} == set(blocks.LIBRARY)
    number = one.change("insert", block="bolt_circle", x=100, y=-50)
    one.until(lambda: number in one.shown)
    assert one.state["selection"] == [number]
    assert one.shown[number][0][:2].tolist() == pytest.approx([100, -50])
    assert one.change("delete", ids=[number, 1]) == 2
    one.until(lambda: one.shown.keys() == {2, 3, 4})
    assert one.frames[-1].removed == [1, number]


def test_import_export_and_a_command_do_what_the_command_line_does(one: PageClient) -> None:
    token = one.upload(OBJ, "a.obj").json["file"]
    done = one.change("import", extension="obj-import", file=token, parameters={"scale": 2})
    assert (done["created"], done["engine"]) == (1, "native")
    assert one.refused("import", extension="obj-import", file=token).startswith("this file is not")
    mesh = max(one.shown)
    one.until(lambda: max(one.shown) > mesh) if mesh == 4 else None
    (mesh,) = one.shown.keys() - {1, 2, 3, 4}
    one.change("select", ids=[mesh])
    copied = one.change("command", extension="array-copy", parameters={"columns": 4, "dx": 3.0})
    assert copied["created"] == 3
    one.until(lambda: len(one.shown) == 8)
    exported = one.ask("export", extension="svg-export", parameters={"view": "isometric"})
    assert exported["name"] == "model.svg"
    saved = one.ask("save", copy="yes")
    document = parse_document(one.download(saved["file"]).body, name="x")
    with blocks.BlockRunner(document, engine="native") as runner:
        runner.evaluate()
    expected = io.BytesIO()
    run_extension(
        document,
        shipped()["svg-export"],
        target=expected,
        parameters={"view": "isometric"},
        engine="native",
    )
    assert one.download(exported["file"]).body == expected.getvalue()
    assert len(expected.getvalue()) > 1_000


def test_pages_see_each_other(one: PageClient, server: Server) -> None:
    with page(server.url) as other:
        other.until(lambda: len(other.shown) == 4)
        one.ask("update", element=1, changes={"x2": 30})
        other.until(lambda: other.shown[1][3][1].tolist() == [30, 4, 0])
        other.ask("select", ids=[1, 2])
        one.until(lambda: one.state["selection"] == [1, 2])


# -- what goes on for long


def test_closing_the_page_cancels_its_run(one: PageClient, server: Server) -> None:
    with page(server.url) as other:
        other.send("command", extension="slow", parameters={})
        one.until(lambda: one.activity is not None and one.activity["message"])
        assert one.activity == {
            "title": "Never finish",
            "mine": False,
            "fraction": 0.25,
            "message": "still <b>going</b>",
        }
        queued = one.send("undo")
        other.until(lambda: other.activity is not None and other.activity["mine"])
        other.send("command", extension="slow", parameters={})  # and what waits ends as well
    assert one.answer(queued)["value"] is None
    one.until(lambda: one.activity is None)
    one.change("update", element=1, changes={"x1": 1})
    assert (one.state["elements"], one.state["undo"]) == (4, "change line")


def test_a_run_is_cancelled_by_hand(one: PageClient) -> None:
    run = one.send("command", extension="slow", parameters={})
    one.until(lambda: one.activity is not None and one.activity["message"])
    cancelled = one.send("cancel")
    answer = one.answer(run)
    assert (answer["error"], answer["status"]) == ("slow was cancelled", "cancelled")
    assert one.answer(cancelled)["value"] is None
    one.until(lambda: one.activity is None)
    assert one.state["elements"] == 4


def test_what_has_not_begun_is_cancelled_and_whoever_asked_goes_on() -> None:
    async def scenario() -> None:
        hub = Hub(Workspace(None, engine="native", catalogue=Catalogue()))
        begun, done = threading.Event(), threading.Event()

        def busy() -> None:
            begun.set()
            done.wait()

        first = asyncio.ensure_future(hub.work(busy))
        await asyncio.to_thread(begun.wait)
        waiting = asyncio.ensure_future(hub.act("Second", None, lambda _: 1))
        await asyncio.sleep(0)
        second = hub.activity
        assert second is not None
        await hub.cancel(second)
        with pytest.raises(ExtensionFailed, match="Second was cancelled"):
            await waiting
        done.set()
        await first
        assert await hub.act("Third", None, lambda activity: activity.title) == "Third"
        await hub.close()

    asyncio.run(scenario())


def test_evaluation_is_cancelled_as_well(server: Server) -> None:
    document = Document("m")
    with document.transaction() as edit:
        edit.set_block(
            "long", "def long(n: int = 1):\n    for i in range(n):\n        sum(range(10000))\n"
        )
        for _ in range(40):
            edit.create(shapes.BlockInstance("long", {"n": 10**6}, limits={"wall": 10}))
    with page(server.url) as client:
        answer: dict[str, Any] = {"error": "Open file was cancelled"}
        while "error" in answer:  # a cancel that comes before it has begun is none of an evaluation
            assert answer["error"] == "Open file was cancelled"
            client.until(lambda: client.activity is None)
            token = client.upload(document_bytes(document)).json["file"]
            opening = client.send("open", file=token)
            client.until(lambda: client.activity and client.activity["title"] == "Open file")
            client.send("cancel")
            answer = client.answer(opening)
        client.until(lambda: client.state["failing"])
        assert {each["status"] for each in client.state["failed"]} <= {"cancelled", "limit"}
    # The page that opened it is gone; the document is still there, and the next one is served.
    with page(server.url) as client:
        client.change("new", unit="mm")
        assert client.state["elements"] == 0


def test_the_end_of_the_server_ends_a_run(tmp_path: Path) -> None:
    path = tmp_path / "m.vk"
    write_document(path, model())
    before = path.read_bytes()
    with serving(path) as server, page(server.url) as client:
        client.send("command", extension="slow", parameters={})
        client.until(lambda: client.activity is not None and client.activity["message"])
        server.stop()
        with pytest.raises(ConnectionClosed):
            client.until(lambda: False)
    assert path.read_bytes() == before


def test_the_command_line_serves_until_ctrl_c(tmp_path: Path) -> None:
    write_document(tmp_path / "m.vk", model())
    program = "from vishwakarma_app.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", "m.vk", "--engine", "native"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = next(line.strip() for line in process.stdout if "http://127.0.0.1:" in line)
        with page(url) as client:
            client.until(lambda: len(client.shown) == 4)
            client.change("delete", ids=[1])
            process.send_signal(signal.SIGINT)
            with pytest.raises(ConnectionClosed):
                client.until(lambda: False)
        assert process.stdout.read() == "\nChanges that were not saved are gone.\n"
        assert process.wait() == 0


def test_messages_are_strict_json(one: PageClient) -> None:
    one.socket.send(json.dumps({"number": 1, "do": "insert", "block": "staircase", "x": float("nan"), "y": 0}))  # fmt: skip
    with pytest.raises(ConnectionClosed):
        one.until(lambda: False)
