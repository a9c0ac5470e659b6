"""Sessions over HTTP: what they keep, when they come back, and what they say that they lost."""

import base64
import contextlib
import json
import os
import select
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.runtime.registry import find_engine
from tests.server.hatchery import Hatchery, Server
from tests.server.process import Reply
from tests.support.damage import damaged

Serving = Callable[..., Server]


def session(server: Server, code: str, name: str = "s", **more: Any) -> dict[str, Any]:
    reply: dict[str, Any] = server.execute(code, session_id=name, **more)
    return reply


def test_a_session_keeps_variables_and_files_and_says_which_turn_it_was(serving: Serving) -> None:
    server = serving()
    first = session(server, "x = [1]\nopen('kept.txt', 'w').write('text')")
    assert first["session"] == {
        "id": "s", "created": True, "turn": 1, "state": "kept", "restored": False, "lost": [],
    }  # fmt: skip
    second = session(server, "x.append(2); (x, open('kept.txt').read())")
    assert second["value"] == {"$type": "tuple", "items": [[1, 2], "text"]}
    assert second["session"]["turn"] == 2
    assert second["session"]["created"] is False
    told = server.ask("GET", "/v1/sessions/s").json
    assert (told["turns"], told["saved_turn"], told["live"]) == (2, 2, True)
    assert told["durability"] == "per-turn"


def test_a_killed_server_brings_sessions_back_with_variables_functions_and_files(
    serving: Serving,
) -> None:
    server = serving()
    session(
        server, "import math\ndef area(r):\n    return math.floor(math.pi * r * r)\nx = {1: 'a'}"
    )
    session(
        server, "import os; os.mkdir('d'); open('d/f.bin', 'wb').write(bytes(range(256)) * 300)"
    )
    server.kill()
    again = serving()
    came = session(again, "(x, area(10), open('d/f.bin', 'rb').read() == bytes(range(256)) * 300)")
    assert came["value"]["items"][0] == {"$type": "dict", "items": [[1, "a"]]}
    assert came["value"]["items"][1:] == [314, True]
    assert came["session"]["restored"] is True
    assert came["session"]["turn"] == 3
    assert came["session"]["lost"] == []
    assert session(again, "x")["session"]["restored"] is False


def test_what_cannot_come_back_is_named_with_its_reason(serving: Serving) -> None:
    server = serving()
    session(server, "kept = 1\nstream = (i for i in range(3))\nopen('a\\nb', 'w').close()")
    assert server.ask("POST", "/v1/sessions/s/put-aside").json["live"] is False
    came = session(server, "kept")
    assert came["value"] == 1
    assert came["session"]["restored"] is True
    lost = {one["name"]: one for one in came["session"]["lost"]}
    assert set(lost) == {"stream", "a\\nb"}
    assert lost["stream"]["type_name"] == "generator"
    assert lost["a\\nb"]["type_name"] == "file"
    assert all(one["reason"] for one in lost.values())


def test_a_stopped_server_saves_sessions_that_are_saved_when_they_rest(serving: Serving) -> None:
    server = serving()
    assert session(server, "x = 1", durability="idle")["session"]["created"] is True
    session(server, "x += 1")
    assert server.ask("GET", "/v1/sessions/s").json["saved_turn"] == 0
    server.stop()
    came = session(serving(), "x")
    assert came["value"] == 2
    assert came["session"]["lost"] == []


def test_what_a_killed_server_had_not_saved_is_told(serving: Serving) -> None:
    server = serving()
    session(server, "x = 1", durability="idle")
    assert server.ask("POST", "/v1/sessions/s/save").json["saved_turn"] == 1
    session(server, "x = 2")
    session(server, "y = 3")
    server.kill()
    came = session(serving(), "(x, globals().get('y'))")
    assert came["value"]["items"] == [1, None]
    assert came["session"]["turn"] == 2
    assert came["session"]["lost"] == [
        {"name": "*", "type_name": "", "reason": "turns 2 to 3 were not saved (durability idle)"}
    ]


def test_a_session_that_is_never_saved_is_gone_with_its_guest(serving: Serving) -> None:
    server = serving()
    session(server, "x = 1", durability="never")
    assert server.ask("POST", "/v1/sessions/s/put-aside").problem == "not-allowed"
    assert server.ask("POST", "/v1/sessions/s/save").problem == "not-allowed"
    server.kill()
    again = serving()
    refused = again.ask("POST", "/v1/execute", {"code": "x", "session_id": "s"})
    assert (refused.status, refused.problem) == (410, "lost")
    assert again.ask("DELETE", "/v1/sessions/s").status == 204
    assert session(again, "1")["session"]["created"] is True


def test_a_turn_that_ends_its_guest_leaves_the_session_as_it_was_saved(serving: Serving) -> None:
    server = serving()
    session(server, "x = 1")
    died = session(server, "x = 2\nimport os\nos._exit(3)")
    assert died["status"] == "crashed"
    assert died["session"]["state"] == "rolled-back"
    assert died["session"]["turn"] == 1
    full = session(server, "x = 3\ny = 'a' * (1 << 40)\nwhile True:\n    y += y")
    assert full["status"] in ("error", "limit")
    came = session(server, "x")
    assert came["session"]["turn"] == 2 + (full["session"]["state"] == "kept")
    assert came["value"] == (3 if full["session"]["state"] == "kept" else 1)


def test_a_guest_that_dies_in_its_first_turn_leaves_an_empty_session(serving: Serving) -> None:
    server = serving()
    died = session(server, "import os\nos._exit(3)")
    assert died["session"]["state"] == "rolled-back"
    assert died["session"]["turn"] == 0
    assert session(server, "globals().get('x')")["session"]["turn"] == 1
    gone = session(server, "import os\nos._exit(3)", name="n", durability="never")
    assert gone["session"]["state"] == "gone"
    assert server.ask("POST", "/v1/sessions/n/execute", {"code": "1"}).problem == "lost"


def test_a_variable_that_is_too_large_to_save_is_named(serving: Serving) -> None:
    server = serving(limit_value="65536")
    session(server, "big = bytes(200_000); x = 2")
    assert session(server, "len(big)")["value"] == 200_000
    told = server.ask("GET", "/v1/sessions/s").json
    assert [one["name"] for one in told["lost"]] == ["big"]
    server.kill()
    came = session(serving(limit_value="65536"), "x")
    assert came["value"] == 2
    assert [one["name"] for one in came["session"]["lost"]] == ["big"]


def test_a_guest_that_dies_as_it_is_saved_is_as_it_was_saved_before(serving: Serving) -> None:
    server = serving()
    session(server, "x = 1")
    deadly = "class Deadly:\n    def __reduce__(self):\n        import os; os._exit(1)\nx = 2\nd = Deadly()"
    told = session(server, deadly)
    assert told["status"] == "ok"
    assert told["session"]["state"] == "rolled-back"
    assert session(server, "x")["value"] == 1


def test_the_session_used_least_recently_is_put_aside_for_another(serving: Serving) -> None:
    server = serving(sessions_per_tenant="2")
    for name in "abc":
        session(server, f"x = {name!r}", name=name)
    live = {one["id"]: one["live"] for one in server.ask("GET", "/v1/sessions").json["sessions"]}
    assert live == {"a": False, "b": True, "c": True}
    came = session(server, "x", name="a")
    assert (came["value"], came["session"]["restored"]) == ("a", True)
    live = {one["id"]: one["live"] for one in server.ask("GET", "/v1/sessions").json["sessions"]}
    assert live == {"a": True, "b": False, "c": True}
    for name in "bca":
        assert session(server, "x", name=name)["value"] == name


def test_variables_and_names_of_files_need_not_cross_together(serving: Serving) -> None:
    server = serving(limit_value="64KiB", sessions_live="1")
    code = (
        "import os\nx = os.urandom(50_000)\n"
        "for n in range(200): open(f'{n:0200}', 'w').write(str(n))\nhash(x)"
    )
    before = session(server, code, name="a")
    assert (before["status"], before["session"]["lost"]) == ("ok", [])
    session(server, "1", name="b")
    again = session(
        server, "(len(x), sum(int(open(f'{n:0200}').read()) for n in range(200)))", name="a"
    )
    assert again["value"]["items"] == [50_000, 19_900]
    assert (again["session"]["restored"], again["session"]["lost"]) == (True, [])


def test_unsaved_sessions_are_saved_when_they_are_put_aside_for_another(serving: Serving) -> None:
    server = serving(sessions_live="1")
    session(server, "x = 'a'", name="a", durability="idle")
    session(server, "x = 'b'", name="b", durability="idle")
    assert session(server, "x", name="a")["value"] == "a"
    assert session(server, "x", name="b")["value"] == "b"


def test_sessions_that_cannot_be_put_aside_are_not_dropped_for_another(serving: Serving) -> None:
    server = serving(sessions_per_tenant="1")
    session(server, "x = 1", name="a", durability="never")
    refused = server.ask("POST", "/v1/execute", {"code": "1", "session_id": "b"})
    assert (refused.status, refused.problem) == (503, "overloaded")
    assert "retry-after" in refused.headers
    assert session(server, "x", name="a")["value"] == 1


def test_a_session_rests_after_a_while_and_comes_back(serving: Serving) -> None:
    server = serving(idle_seconds="0.2")
    session(server, "x = 1")
    while server.ask("GET", "/v1/sessions/s").json["live"]:
        pass
    came = session(server, "x")
    assert (came["value"], came["session"]["restored"]) == (1, True)


def test_two_calls_at_once_queue_or_are_refused_by_choice(serving: Serving) -> None:
    server = serving()
    session(server, "order = []")
    replies: list[Reply] = []

    def slow() -> None:
        stream = server.connect()
        body = json.dumps({"code": "import time; print('in'); time.sleep(1); order.append('slow')"})
        stream.sendall(
            f"POST /v1/sessions/s/execute HTTP/1.1\r\nHost: 127.0.0.1:{server.address[1]}\r\n"
            f"Accept: text/event-stream\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        with stream, stream.makefile("rb") as lines:
            for line in lines:
                if b"in" in line:
                    running.set()
                if line.startswith(b"event: result"):
                    return

    running = threading.Event()
    thread = threading.Thread(target=slow)
    thread.start()
    assert running.wait(30)
    refused = server.ask(
        "POST", "/v1/sessions/s/execute", {"code": "order.append('no')", "on_busy": "reject"}
    )
    replies.append(refused)
    queued = server.ask("POST", "/v1/sessions/s/execute", {"code": "order.append('queued'); order"})
    thread.join(30)
    assert (refused.status, refused.problem) == (409, "busy")
    assert queued.json["value"] == ["slow", "queued"]


def test_a_running_turn_is_cancelled_and_the_session_goes_on(serving: Serving) -> None:
    server = serving()
    session(server, "x = 1")
    replies: list[Reply] = []
    thread = threading.Thread(
        target=lambda: replies.append(
            server.ask("POST", "/v1/sessions/s/execute", {"code": "x = 2\nwhile True: pass"})
        )
    )
    thread.start()
    while not server.ask("POST", "/v1/sessions/s/cancel").json["cancelled"]:
        pass
    thread.join(30)
    told = replies[0].json
    assert told["status"] == "cancelled"
    came = session(server, "x")
    assert came["value"] == (2 if told["session"]["state"] == "kept" else 1)
    assert server.ask("POST", "/v1/sessions/s/cancel").json == {"cancelled": False}


def test_functions_of_a_session_are_called_with_values(serving: Serving) -> None:
    server = serving()
    session(server, "def f(a, *, b=1):\n    return [a, b, type(a).__name__]")
    called = server.ask(
        "POST",
        "/v1/sessions/s/call",
        {"name": "f", "args": [{"$type": "tuple", "items": [1]}], "kwargs": {"b": 2}},
    )
    assert called.json["value"] == [{"$type": "tuple", "items": [1]}, 2, "tuple"]
    missing = server.ask("POST", "/v1/sessions/s/call", {"name": "g"}).json
    assert (missing["status"], missing["error"]["type"]) == ("error", "NameError")
    wrong = server.ask("POST", "/v1/sessions/s/call", {"name": "no name"})
    assert (wrong.status, wrong.problem) == (422, "malformed")


def test_sessions_are_made_listed_and_deleted(serving: Serving) -> None:
    server = serving()
    files = {"in/data.txt": base64.b64encode(b"data").decode()}
    made = server.ask(
        "POST", "/v1/sessions", {"session_id": "b", "files": files, "limits": {"memory": "64MiB"}}
    )
    assert made.status == 201
    assert made.json["limits"]["memory"] == 64 << 20
    assert server.ask("POST", "/v1/sessions", {"session_id": "b"}).problem == "exists"
    named = server.ask("POST", "/v1/sessions", {}).json["id"]
    server.ask("POST", "/v1/sessions/b/put-aside")
    assert session(server, "open('in/data.txt').read()", name="b")["value"] == "data"
    page = server.ask("GET", "/v1/sessions?limit=1").json
    assert [one["id"] for one in page["sessions"]] == ["b"]
    rest = server.ask("GET", f"/v1/sessions?limit=1&after={page['next']}").json
    assert [one["id"] for one in rest["sessions"]] == [named]
    assert rest["next"] is None
    assert server.ask("DELETE", "/v1/sessions/b").status == 204
    assert server.ask("GET", "/v1/sessions/b").problem == "unknown"
    assert server.ask("DELETE", "/v1/sessions/b").problem == "unknown"


def test_variables_are_described(serving: Serving) -> None:
    server = serving()
    session(server, "x = [1, 2]\ndef f(): pass")
    told = server.ask("GET", "/v1/sessions/s/variables").json
    assert told["x"]["type_name"] == "list"
    assert told["x"]["summary"] == "[1, 2]"
    assert told["f"]["type_name"] == "function"


def test_files_are_uploaded_listed_downloaded_and_outlive_the_server(serving: Serving) -> None:
    server = serving()
    session(server, "1")
    content = bytes(range(256)) * 1_000
    put = server.ask(
        "PUT",
        "/v1/sessions/s/files/a/b.bin",
        content,
        {"Content-Type": "application/octet-stream"},
    )
    assert put.json == {"name": "a/b.bin", "bytes": len(content)}
    listed = server.ask("GET", "/v1/sessions/s/files").json
    assert listed == {"files": [{"name": "a/b.bin", "bytes": len(content)}]}
    server.kill()
    again = serving()
    got = again.ask("GET", "/v1/sessions/s/files/a/b.bin")
    assert got.body == content
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-type"] == "application/octet-stream"
    assert again.ask("DELETE", "/v1/sessions/s/files/a/b.bin").status == 204
    assert again.ask("GET", "/v1/sessions/s/files/a/b.bin").problem == "unknown"
    again.kill()
    assert serving().ask("GET", "/v1/sessions/s/files").json == {"files": []}


def test_a_fork_goes_its_own_way(serving: Serving) -> None:
    server = serving()
    session(server, "x = [1]\nopen('f', 'w').write('one')")
    forked = server.ask("POST", "/v1/sessions/s/fork", {"session_id": "t"})
    assert forked.status == 201
    assert forked.json["exact"] is False
    session(server, "x.append(2)")
    assert session(server, "(x, open('f').read())", name="t")["value"]["items"] == [[1], "one"]
    server.kill()
    again = serving()
    assert session(again, "x", name="t")["value"] == [1]
    assert again.ask("POST", "/v1/sessions/s/fork", {"session_id": "t"}).problem == "exists"


def test_a_state_is_taken_away_and_brought_back_under_another_id(serving: Serving) -> None:
    server = serving()
    session(server, "x = {'a': [1, 2]}\ndef f(): return x")
    state = server.ask("GET", "/v1/sessions/s/state")
    assert state.headers["content-type"] == "application/octet-stream"
    octets = {"Content-Type": "application/octet-stream"}
    came = server.ask("POST", "/v1/sessions/restore?session_id=t", state.body, octets)
    assert came.status == 201, came
    assert session(server, "f()", name="t")["value"] == {"a": [1, 2]}
    for wrong in (b"", b"x" * 100, state.body[:-1], damaged(state.body)):
        refused = server.ask("POST", "/v1/sessions/restore?session_id=u", wrong, octets)
        assert (refused.status, refused.problem) == (422, "malformed")
    assert server.ask("GET", "/v1/sessions/u").problem == "unknown"


@pytest.mark.parametrize("durability", ["per-turn", "idle", "never"])
def test_a_state_that_is_taken_away_has_the_files_too(serving: Serving, durability: str) -> None:
    server = serving()
    code = "x = 1\nopen('f.txt', 'w').write('a' * 50_000)\nopen('empty', 'w').close()"
    session(server, code, durability=durability)
    session(server, "open('g', 'wb').write(bytes(range(256)))\nimport os; os.remove('empty')")
    state = server.ask("GET", "/v1/sessions/s/state")
    assert len(state.body) < 50_000  # compressed
    octets = {"Content-Type": "application/octet-stream"}
    came = server.ask("POST", "/v1/sessions/restore?session_id=t", state.body, octets)
    assert (came.status, came.json["lost"]) == (201, []), came
    listed = {"files": [{"name": "f.txt", "bytes": 50_000}, {"name": "g", "bytes": 256}]}
    for name in ("s", "t"):
        assert server.ask("GET", f"/v1/sessions/{name}/files").json == listed
    assert server.ask("GET", "/v1/sessions/t/files/g").body == bytes(range(256))
    assert session(server, "x, len(open('f.txt').read())", name="t")["status"] == "ok"
    # What comes back is kept, as it was there: also after the guest has gone.
    assert server.ask("POST", "/v1/sessions/t/put-aside").json["live"] is False
    assert server.ask("GET", "/v1/sessions/t/files").json == listed
    for wrong in (state.body[:-1], state.body[:9], damaged(state.body), b"RFFILES\n" * 9):
        refused = server.ask("POST", "/v1/sessions/restore?session_id=u", wrong, octets)
        assert (refused.status, refused.problem) == (422, "malformed")
    if durability == "per-turn":
        assert server.ask("POST", "/v1/sessions/s/put-aside").json["live"] is False
        assert server.ask("GET", "/v1/sessions/s/files").json == listed


def test_files_of_a_state_are_of_their_tenant_and_within_what_a_session_may_have(
    hatched: Hatchery, serving: Serving
) -> None:
    serving().stop()
    acme, bolt = hatched.make_keys("acme", "bolt")
    server = serving()
    body = {"code": "for n in range(9): open(f'f{n}', 'w').write('a')", "session_id": "s"}
    assert server.ask("POST", "/v1/execute", body, acme).status == 200
    state = server.ask("GET", "/v1/sessions/s/state", None, acme).body
    octets = {"Content-Type": "application/octet-stream"}
    where = "/v1/sessions/restore?session_id=t"
    other = server.ask("POST", where, state, {**octets, **bolt})
    assert (other.status, other.problem) == (422, "malformed")
    server.stop()
    narrow = serving(limit_files="8")
    refused = narrow.ask("POST", where, state, {**octets, **acme})
    assert (refused.status, refused.problem) == (422, "malformed")
    assert "9 files of 9 bytes together, and a session may have 8" in refused.json["detail"]


def test_a_snapshot_is_exact_where_the_engine_can_and_refused_where_not(
    serving: Serving, engine: str
) -> None:
    server = serving(engine=engine, engines=engine)
    session(server, "import random\ng = iter(range(10))\nnext(g)\nx = [1]")
    shot = server.ask("POST", "/v1/sessions/s/snapshot")
    if not find_engine(engine).capabilities.snapshot:
        assert (shot.status, shot.problem) == (422, "not-enforceable")
        refused = server.ask("POST", "/v1/sessions/s/rollback", {})
        assert (refused.status, refused.problem) == (422, "not-enforceable")
        assert session(server, "x")["value"] == [1]
        return
    assert (shot.status, shot.json["turn"]) == (201, 1)
    after = session(server, "x.append(2); (next(g), random.random())")["value"]
    forked = server.ask("POST", "/v1/sessions/s/fork", {"session_id": "t"}).json
    assert forked["exact"] is True
    assert session(server, "next(g)", name="t")["value"] == 2
    back = server.ask("POST", "/v1/sessions/s/rollback", {"snapshot_id": shot.json["snapshot_id"]})
    assert (back.status, back.json["turns"]) == (200, 1)
    assert session(server, "x.append(2); (next(g), random.random())")["value"] == after
    assert session(server, "x")["value"] == [1, 2]
    none = server.ask("POST", "/v1/sessions/s/rollback", {"snapshot_id": "snap_0"})
    assert (none.status, none.problem) == (404, "unknown")
    server.kill()
    again = serving(engine=engine, engines=engine)
    assert again.ask("POST", "/v1/sessions/s/rollback", {}).json["turns"] == 1
    assert session(again, "(next(g), x)")["value"]["items"] == [1, [1]]


def test_a_file_that_cannot_be_written_costs_the_session_nothing(serving: Serving) -> None:
    server = serving(limit_disk="1MiB")
    session(server, "x = 1", durability="never")
    for name, content in (("../up", b""), ("large", bytes(2 << 20)), ("d/" * 17 + "f", b"")):
        files = {name: base64.b64encode(content).decode()}
        reply = server.ask("POST", "/v1/sessions/s/execute", {"code": "x = 2", "files": files})
        assert reply.status == 422, reply
        assert reply.problem in ("malformed", "not-enforceable")
    assert session(server, "x")["value"] == 1
    # All of them are looked at before the first is written.
    files = {"new": base64.b64encode(b"1").decode(), "../up": ""}
    reply = server.ask("POST", "/v1/sessions/s/execute", {"code": "1", "files": files})
    assert reply.problem == "malformed"
    assert server.ask("GET", "/v1/sessions/s/files").json == {"files": []}


def test_a_session_is_deleted_before_those_that_wait_for_it(serving: Serving) -> None:
    server = serving()
    session(server, "x = 1")
    replies: list[Reply] = []

    def call() -> None:
        body = {"code": "while True: pass", "timeout_seconds": 50}
        replies.append(server.ask("POST", "/v1/sessions/s/execute", body))

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    while (
        server.ask("POST", "/v1/sessions/s/execute", {"code": "1", "on_busy": "reject"}).status
        == 200
    ):
        pass
    assert server.ask("DELETE", "/v1/sessions/s").status == 204
    for thread in threads:
        thread.join(60)
    assert sorted(reply.status for reply in replies) in ([200, 404, 404], [404, 404, 404])
    assert server.ask("GET", "/v1/sessions/s").problem == "unknown"


def test_who_waited_for_a_session_that_was_not_made_is_told_that_there_is_none(
    serving: Serving,
) -> None:
    server = serving(running="1", queue_seconds="1")
    session(server, "x = 1", "runs")
    replies: dict[str, Reply] = {}

    def ask(name: str, path: str, body: dict[str, Any]) -> threading.Thread:
        thread = threading.Thread(
            target=lambda: replies.update({name: server.ask("POST", path, body)})
        )
        thread.start()
        return thread

    forever = {"code": "while True: pass", "timeout_seconds": 50}
    threads = [ask("runs", "/v1/sessions/runs/execute", forever)]
    while "ringfence_runs_running 1.0" not in server.ask("GET", "/metrics").body.decode():
        pass
    making = {"code": "1", "session_id": "made", "durability": "never"}
    threads.append(ask("made", "/v1/execute", making))
    while "ringfence_queue_length 1.0" not in server.ask("GET", "/metrics").body.decode():
        pass
    threads.append(ask("forked", "/v1/sessions/made/fork", {}))
    for thread in threads[1:]:
        thread.join(60)
    assert (replies["made"].status, replies["made"].problem) == (503, "overloaded")
    assert (replies["forked"].status, replies["forked"].problem) == (404, "unknown")
    assert server.ask("DELETE", "/v1/sessions/runs").status == 204
    threads[0].join(60)
    assert "ringfence_sessions_live 0.0" in server.ask("GET", "/metrics").body.decode()


def test_a_tenant_that_used_its_cpu_seconds_up_is_told_when_to_come_back(serving: Serving) -> None:
    server = serving(quota_cpu_seconds="0.5")
    spent = session(server, "while True: pass", timeout_seconds=30)
    assert (spent["status"], spent["limit"]) == ("limit", "cpu")
    refused = server.ask("POST", "/v1/sessions/s/execute", {"code": "1"})
    assert (refused.status, refused.problem) == (429, "quota")
    assert int(refused.headers["retry-after"]) >= 1


def test_a_guest_that_was_ended_from_outside_comes_back(serving: Serving) -> None:
    server = serving()
    session(server, "x = 1")
    for pid in leaves(server.pid):
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
    came = session(server, "x += 1; x")
    assert (came["status"], came["value"]) == ("ok", 2)
    assert came["session"]["restored"] is True


def leaves(pid: int) -> list[int]:
    """The descendants of a process that have none."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = [int(one) for task in tasks for one in (task / "children").read_text().split()]
    return [leaf for child in children for leaf in (leaves(child) or [child])]


def wait_for_end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        ending = os.pidfd_open(pid)
        try:
            select.select([ending], [], [], 30)
        finally:
            os.close(ending)
