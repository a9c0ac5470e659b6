"""Code in a sandbox of its own, over HTTP: what comes back, what is refused, and by which name."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.hatchery import Hatchery, Server, hatchery

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(hatched: Hatchery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    hatched.home = tmp_path_factory.mktemp("execute")
    hatched.log = hatched.home / "server.log"
    with hatched.server(packages="numpy", limit_memory="128MiB", limit_disk="32MiB") as server:
        yield server


def refused(server: Server, **request: Any) -> tuple[int, str, dict[str, Any]]:
    reply = server.ask("POST", "/v1/execute", request)
    return reply.status, reply.problem, reply.json


def test_a_run_gives_the_whole_result(server: Server) -> None:
    told = server.execute(
        "import sys; print('out'); print('err', file=sys.stderr); {'a': (1, b'b')}"
    )
    assert told["status"] == "ok"
    assert (told["stdout"], told["stderr"]) == ("out\n", "err\n")
    assert told["value"] == {
        "a": {"$type": "tuple", "items": [1, {"$type": "bytes", "base64": "Yg=="}]}
    }
    assert told["session"] is None
    assert told["run_id"].startswith("run_")
    assert told["engine"] in ("native", "wasi")
    assert set(told["enforced"]) >= {"wall", "memory", "network", "files", "processes"}


def test_nothing_is_left_for_the_next_run(server: Server) -> None:
    server.execute("import builtins; builtins.left = 1; open('left', 'w').write('x')")
    told = server.execute("import builtins, os; (hasattr(builtins, 'left'), os.listdir('.'))")
    assert told["value"]["items"] == [False, []]


def test_stdin_inputs_and_files_are_there(server: Server) -> None:
    told = server.execute(
        "(input(), input(), n + 1, t, open('in/a.txt').read())",
        stdin="one\ntwo\n",
        inputs={"n": 41, "t": {"$type": "tuple", "items": [1]}},
        files={"in/a.txt": base64.b64encode(b"content").decode()},
    )
    assert told["value"]["items"] == [
        "one", "two", 42, {"$type": "tuple", "items": [1]}, "content",
    ]  # fmt: skip


def test_a_guests_failure_is_an_answer(server: Server) -> None:
    raised = server.execute("1 / 0")
    assert (raised["status"], raised["error"]["type"]) == ("error", "ZeroDivisionError")
    slow = server.execute("while True: pass", timeout_seconds=1)
    assert (slow["status"], slow["limit"]) == ("limit", "wall")
    died = server.execute("import os; os._exit(7)")
    assert died["status"] == "crashed"
    assert died["alive"] is False


def test_limits_are_narrowed_by_name(server: Server) -> None:
    told = server.execute("print('x' * 100_000)", limits={"output": "4KiB"})
    assert (told["status"], told["limit"]) == ("limit", "output")
    small = server.execute("x = bytearray(80 << 20)", limits={"memory": "64MiB"})
    assert small["status"] in ("error", "limit")
    assert server.execute("len(bytearray(80 << 20))")["value"] == 80 << 20


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"limits": {"memory": "1GiB"}}, "limits.memory"),
        ({"limits": {"output": 1 << 30}}, "limits.output"),
        ({"packages": ["pandas"]}, "packages"),
        ({"engine": "wasi2"}, "engine"),
        ({"engine": "micro"}, "engine"),
        ({"engine": "http://127.0.0.1:1"}, "engine"),
        ({"timeout_seconds": 5, "limits": {"wall": 2}}, "timeout_seconds"),
    ],
)
def test_what_is_wider_than_the_operator_allows_is_refused(
    server: Server, request_: dict[str, Any], field: str
) -> None:
    status, name, body = refused(server, code="1", **request_)
    assert (status, name) == (422, "not-allowed")
    assert body["errors"][0]["field"] == field
    assert body["errors"][0]["expected"]
    assert body["errors"][0]["got"]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"code": 1}, "code"),
        ({}, "code"),
        ({"code": "1", "more": 1}, "more"),
        ({"code": "1", "timeout_seconds": 0.5}, "timeout_seconds"),
        ({"code": "1", "timeout_seconds": 61}, "timeout_seconds"),
        ({"code": "1", "timeout_seconds": "5"}, "timeout_seconds"),
        ({"code": "1", "session_id": "a/b"}, "session_id"),
        ({"code": "1", "session_id": ""}, "session_id"),
        ({"code": "1", "session_id": "a" * 129}, "session_id"),
        ({"code": "1", "on_busy": "wait"}, "on_busy"),
        ({"code": "1", "limits": {"size": 1}}, "limits.size"),
        ({"code": "1", "limits": {"memory": "much"}}, "limits.memory"),
        ({"code": "1", "files": {"a": "no base64!"}}, "files.a"),
        ({"code": "1", "inputs": {"a": {"$type": "object"}}}, "inputs"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_place(
    server: Server, request_: dict[str, Any], field: str
) -> None:
    status, name, body = refused(server, **request_)
    assert (status, name) == (422, "malformed")
    assert body["errors"][0]["field"] == field


def test_what_the_engine_cannot_enforce_is_refused(server: Server) -> None:
    status, name, body = refused(server, code="1", limits={"fuel": 1_000}, engine="native")
    assert (status, name) == (422, "not-enforceable")
    assert "fuel" in body["detail"]


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a\0b", "a//b", "a/../b", "é" * 200, ""])
def test_names_of_files_lead_nowhere_else(server: Server, name: str) -> None:
    status, problem, _ = refused(server, code="1", files={name: ""})
    assert (status, problem) == (422, "malformed")


def test_code_with_nul_or_lone_surrogates_is_no_fault_of_ours(server: Server) -> None:
    assert refused(server, code="1\0")[:2] == (422, "malformed")
    reply = server.ask("POST", "/v1/execute", b'{"code": "len(\'\\ud800\')"}', JSON)
    assert reply.status in (200, 400, 422)
    told = server.execute("print(chr(0xd800)); chr(0xdfff)")
    assert told["value"] == {"$type": "str", "base64": "7b+/"}


def test_packages_of_the_operator_are_importable(server: Server) -> None:
    told = server.execute("import numpy; numpy.arange(3)", packages=["numpy"])
    assert told["value"]["dtype"] == "<i8"
    assert server.execute("import numpy")["error"]["type"] == "ModuleNotFoundError"


def test_displays_of_guests_are_data(server: Server) -> None:
    told = server.execute(
        "class Page:\n    def _repr_html_(self): return '<script>alert(1)</script>'\ndisplay(Page())"
    )
    assert told["displays"][0]["text/html"] == "<script>alert(1)</script>"


def test_durability_without_a_session_is_a_mistake(server: Server) -> None:
    assert refused(server, code="1", durability="idle")[:2] == (422, "malformed")


def test_guests_of_a_tenant_may_have_an_image_of_their_own(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with hatchery(tmp_path_factory.mktemp("apart"), isolation="tenant", pool_size="0") as made:
        one, two = made.make_keys("one", "two")
        with made.server() as server:
            # Copies of one image have equal addresses.
            layout = "(id(None), id(print))"
            asked = [server.execute(layout, headers=who)["value"] for who in (one, two, one)]
            assert asked[0] == asked[2] != asked[1]
            kept = server.execute("x = 1", session_id="s", headers=one)
            assert kept["session"]["turn"] == 1
            server.ask("POST", "/v1/sessions/s/put-aside", headers=one)
            assert server.execute("x", session_id="s", headers=one)["value"] == 1


def test_a_service_without_a_pool_runs(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with (
        hatchery(tmp_path_factory.mktemp("poolless"), pool_size="0") as made,
        made.server() as server,
    ):
        assert [server.execute("6 * 7")["value"] for _ in range(3)] == [42] * 3
