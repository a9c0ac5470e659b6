"""Requests with an idempotency key: answered as often as they are sent, and run at most once."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.server.hatchery import Hatchery, Server
from tests.server.process import Reply

Serving = Callable[..., Server]
COUNT = "n = globals().get('n', 0) + 1\nn"


def keyed(server: Server, key: str, code: str = COUNT, session: str = "s", **more: Any) -> Reply:
    body = {"code": code, "session_id": session, **more}
    return server.ask("POST", "/v1/execute", body, {"Idempotency-Key": key})


def test_a_request_that_is_sent_again_gets_the_same_answer(serving: Serving) -> None:
    server = serving()
    first = keyed(server, "k1")
    again = keyed(server, "k1")
    assert first.body == again.body
    assert first.json["value"] == 1
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    server.kill()
    later = keyed(serving(), "k1")
    assert later.body == first.body
    assert later.headers["idempotency-replayed"] == "true"


def test_a_key_belongs_to_one_request(serving: Serving) -> None:
    server = serving()
    keyed(server, "k1")
    other = keyed(server, "k1", code="other")
    assert (other.status, other.problem) == (422, "key-reused")
    elsewhere = keyed(server, "k1", session="t")
    assert (elsewhere.status, elsewhere.problem) == (422, "key-reused")
    call = server.ask("POST", "/v1/sessions/s/call", {"name": "f"}, {"Idempotency-Key": "k1"})
    assert (call.status, call.problem) == (422, "key-reused")
    for wrong in ("a b", "a" * 201, "é"):
        told = server.ask("POST", "/v1/execute", {"code": "1"}, {"Idempotency-Key": wrong})
        assert (told.status, told.problem) == (422, "malformed")


def test_two_at_once_are_one_run(serving: Serving) -> None:
    server = serving()
    replies: list[Reply] = []
    code = "import time; time.sleep(0.3); n = globals().get('n', 0) + 1; n"
    threads = [
        threading.Thread(target=lambda: replies.append(keyed(server, "k1", code=code)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({reply.body for reply in replies}) == 1
    assert replies[0].json["value"] == 1
    assert keyed(server, "k2").json["value"] == 2


def test_what_a_kill_interrupted_is_told_and_not_run_again(serving: Serving) -> None:
    server = serving()
    assert keyed(server, "k1").json["session"]["turn"] == 1
    body = json.dumps(
        {"code": "n = 100\nprint('in', flush=True)\nwhile True: pass", "session_id": "s"}
    )
    with server.connect() as connection:
        connection.sendall(
            f"POST /v1/execute HTTP/1.1\r\nHost: 127.0.0.1:{server.address[1]}\r\n"
            f"Accept: text/event-stream\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: k2\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        with connection.makefile("rb") as lines:
            for line in lines:
                if b'"in' in line:
                    break
            server.kill()
    again = serving()
    for _ in range(2):
        told = again.ask("POST", "/v1/execute", json.loads(body), {"Idempotency-Key": "k2"})
        assert (told.status, told.problem) == (409, "interrupted")
        assert "as after turn 1" in told.json["detail"]
    assert keyed(again, "k3").json["value"] == 2


def test_what_was_not_run_does_not_use_its_key_up(serving: Serving) -> None:
    server = serving(sessions_per_tenant="1")
    server.execute("1", session_id="never", durability="never")
    refused = keyed(server, "k1")
    assert (refused.status, refused.problem) == (503, "overloaded")
    assert server.ask("DELETE", "/v1/sessions/never").status == 204
    assert keyed(server, "k1").json["value"] == 1
    path = "/v1/sessions/none/execute"
    missing = server.ask("POST", path, {"code": "1"}, {"Idempotency-Key": "k2"})
    assert missing.problem == "unknown"
    server.ask("POST", "/v1/sessions", {"session_id": "none"})
    assert server.ask("POST", path, {"code": "1"}, {"Idempotency-Key": "k2"}).json["value"] == 1


def test_a_key_of_another_tenant_is_another_key(
    hatched: Hatchery, serving: Serving, tmp_path: Path
) -> None:
    hatched.home = tmp_path
    one, two = hatched.make_keys("one", "two")
    server = serving()
    replies = [
        server.ask("POST", "/v1/execute", {"code": "import uuid; str(uuid.uuid4())"},
                   {"Idempotency-Key": "k", **who})
        for who in (one, two, one)
    ]  # fmt: skip
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert replies[0].body == replies[2].body != replies[1].body


def test_replies_are_replayed_as_events_too(serving: Serving) -> None:
    server = serving()
    first = keyed(server, "k1")
    body = {"code": COUNT, "session_id": "s"}
    again = server.ask(
        "POST", "/v1/execute", body, {"Idempotency-Key": "k1", "Accept": "text/event-stream"}
    )
    assert again.headers["idempotency-replayed"] == "true"
    last = again.body.decode().rstrip("\n").split("\n\n")[-1].split("\n")
    assert last[1] == "event: result"
    assert last[2].removeprefix("data: ") == first.body.decode()


def test_a_large_reply_is_replayed_whole(serving: Serving) -> None:
    server = serving()
    code = "import random; random.Random(1).randbytes(1_000_000)"
    first = keyed(server, "k1", code=code, session="large")
    server.kill()
    again = keyed(serving(), "k1", code=code, session="large")
    assert len(first.body) > 1_000_000
    assert again.body == first.body
