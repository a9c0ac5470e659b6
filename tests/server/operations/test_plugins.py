"""Hooks of published plugins over HTTP."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ringfence.model import array_frame
from ringfence.model.as_json import value_as_json
from ringfence.model.from_json import value_from_json
from tests.server.operations.published import write_plugin
from tests.server.process import ServiceProcess, service, start_in_vain

LIMIT = 64 << 20
FRAME = {"Content-Type": array_frame.MEDIA_TYPE}


def test_what_is_published_is_told_with_its_hooks(plain: ServiceProcess) -> None:
    (plugin,) = plain.ask("GET", "/v1/plugins").json["plugins"]
    assert plugin["name"] == "ridges"
    assert plugin["version"] == "1.2.0"
    assert (plugin["spec"], plugin["spec_version"]) == ("example.terrain", "1.0")
    hooks = {one["name"]: one for one in plugin["hooks"]}
    assert sorted(hooks) == ["elevation", "missing", "title"]
    assert hooks["title"] == {
        "name": "title", "signature": "title(seed: int) -> str", "doc": "What to call it.",
    }  # fmt: skip


def test_a_hook_is_called_with_json(plain: ServiceProcess) -> None:
    reply = plain.ask("POST", "/v1/plugins/ridges/title", {"seed": 3})
    assert reply.status == 200
    answer = reply.json
    assert answer.pop("seconds") > 0
    assert answer == {"ok": True, "value": "world 3", "failures": []}


def test_arrays_cross_as_json_and_as_frames_alike(plain: ServiceProcess) -> None:
    x = np.linspace(0.0, 1.0, 1_000)
    reply = plain.ask("POST", "/v1/plugins/ridges/elevation", {"x": value_as_json(x), "seed": 5})
    by_json = value_from_json(reply.json["value"], limit=LIMIT)
    frame = array_frame.pack({"x": x, "seed": 5}, limit=LIMIT)
    reply = plain.ask("POST", "/v1/plugins/ridges/elevation", frame, FRAME)
    assert reply.status == 200
    assert reply.headers["content-type"] == array_frame.MEDIA_TYPE
    by_frame = array_frame.unpack(reply.body, limit=LIMIT)
    assert by_frame["ok"] is True
    np.testing.assert_array_equal(by_frame["value"], x * 2 + 5)
    np.testing.assert_array_equal(by_json, x * 2 + 5)


def test_what_a_plugin_does_wrong_is_data(plain: ServiceProcess) -> None:
    reply = plain.ask("POST", "/v1/plugins/ridges/title", {"seed": 13})
    assert reply.status == 200
    answer = reply.json
    assert (answer["ok"], answer["value"]) == (False, None)
    (failure,) = answer["failures"]
    assert failure["kind"] == "raised"
    assert "unlucky" in failure["reason"]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("ridges/nothing", "example.terrain has the hooks elevation, title, missing"),
        ("valleys/title", "there is no plugin of this name"),
        ("ridges/missing", "this plugin does not implement this hook"),
    ],
)
def test_what_is_not_there_is_unknown(plain: ServiceProcess, path: str, detail: str) -> None:
    reply = plain.ask("POST", f"/v1/plugins/{path}", {"seed": 1})
    assert (reply.status, reply.problem) == (404, "unknown")
    assert detail in reply.json["detail"]


GOOD = array_frame.pack({"seed": 1}, limit=LIMIT)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"RFF1",
        GOOD[:-1],
        GOOD + b"x",
        b"RFF2" + GOOD[4:],
        struct.pack("<4sII", b"RFF1", 0xFFFFFFFF, 0xFFFFFFFF),
        struct.pack("<4sII", b"RFF1", 2, 0) + b"[]",
        struct.pack("<4sII", b"RFF1", 12, 0) + b'{"bytes":99}',
        struct.pack("<4sII", b"RFF1", 4_000, 0) + b"[" * 4_000,
        struct.pack("<4sII", b"RFF1", 38, 8) + b'{"dict":["x",{"array":["|O",[1],8]}]}x' + b"8" * 8,
        array_frame.pack([1, 2], limit=LIMIT),
        array_frame.pack({1: 2}, limit=LIMIT),
    ],
)
def test_a_frame_that_is_none_is_refused(plain: ServiceProcess, frame: bytes) -> None:
    reply = plain.ask("POST", "/v1/plugins/ridges/title", frame, FRAME)
    assert (reply.status, reply.problem) in [(400, "malformed"), (422, "malformed")]


@pytest.mark.parametrize(
    "value",
    [None, {"a": [1, 2.5, "b", None, True]}, b"bytes", 2**200, {"x": np.arange(6).reshape(2, 3)}],
)
def test_a_frame_gives_back_what_was_put_in(value: Any) -> None:
    back = array_frame.unpack(array_frame.pack(value, limit=LIMIT), limit=LIMIT)
    np.testing.assert_equal(back, value)


def test_a_frame_is_bounded_both_ways() -> None:
    with pytest.raises(array_frame.MalformedFrame, match="larger than 1000 bytes|limit is 1000"):
        array_frame.pack(np.zeros(1_000), limit=1_000)
    frame = array_frame.pack(np.zeros(1_000), limit=LIMIT)
    with pytest.raises(array_frame.MalformedFrame, match="larger than the limit of 1000 bytes"):
        array_frame.unpack(frame, limit=1_000)
    with pytest.raises(array_frame.MalformedFrame):
        array_frame.pack(object, limit=LIMIT) and array_frame.pack([[]] * 10**7, limit=1_000)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"plugins": "nowhere"}, "cannot be read"),
        ({"plugin_specs": "terrain_spec:Nothing"}, "cannot be imported"),
        ({"plugin_specs": "terrain_spec"}, "write module:Class"),
        ({"plugin_specs": "json:JSONDecoder"}, "is no HookSpec with hooks"),
        ({"plugin_specs": ""}, "ridges is for example.terrain"),
        ({"packages": ""}, "numpy"),
        ({"plugins": "{folder}, {folder}"}, "ridges is there twice"),
    ],
)
def test_what_cannot_be_published_keeps_it_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], message: str
) -> None:
    folder = str(write_plugin(tmp_path))
    given = {
        "plugins": folder, "plugin_specs": "terrain_spec:Terrain", "packages": "numpy", **settings,
    }  # fmt: skip
    given["plugins"] = given["plugins"].format(folder=folder)
    monkeypatch.chdir(tmp_path)
    ended, told = start_in_vain(tmp_path, monkeypatch, given)
    assert message in told
    assert ended == 2


def test_a_plugin_whose_text_is_refused_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_plugin(tmp_path)
    (folder / "ridges.py").write_text("def title(seed):\n    return open('/etc/passwd').read()\n")
    monkeypatch.chdir(tmp_path)
    given = {"plugins": str(folder), "plugin_specs": "terrain_spec:Terrain", "packages": "numpy"}
    ended, told = start_in_vain(tmp_path, monkeypatch, given)
    assert "its text is refused; see: ringfence analyze" in told
    assert ended == 2


def test_without_plugins_there_are_none(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        assert running.ask("GET", "/v1/plugins").json == {"plugins": []}
