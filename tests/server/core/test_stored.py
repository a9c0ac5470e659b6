"""The quota of bytes that are kept of a tenant, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy

from ringfence.server.store import Store, Work
from tests.server.core.test_kept import inside
from tests.server.hatchery import Server
from tests.server.process import Reply

Serving = Callable[..., Server]
BIG = "x = __import__('os').urandom(600_000)"


def session(server: Server, code: str, name: str = "s", **more: Any) -> Reply:
    key = more.pop("key", None)
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"code": code, "session_id": name, **more}
    return server.ask("POST", "/v1/execute", body, headers)


def refused(reply: Reply) -> bool:
    assert (reply.status, reply.problem) == (429, "quota"), reply
    assert reply.json["errors"][0]["field"] == "quota:stored-bytes"
    assert reply.headers["retry-after"] == "60"
    return True


def test_a_turn_whose_state_does_not_fit_is_undone_and_may_be_sent_again(serving: Serving) -> None:
    server = serving(quota_stored_bytes="1000000")
    assert session(server, "x = 1").status == 200
    assert session(server, BIG, "other").status == 200
    assert refused(session(server, f"{BIG}\ny = 2", key="k"))
    told = server.ask("GET", "/v1/sessions/s").json
    assert (told["turns"], told["saved_turn"]) == (1, 1)
    assert session(server, "x, 'y' in globals()").json["value"] == {
        "$type": "tuple",
        "items": [1, False],
    }
    assert server.ask("DELETE", "/v1/sessions/other").status == 204
    again = session(server, f"{BIG}\ny = 2", key="k")  # there is room now, and it runs
    assert (again.status, again.json["session"]["turn"]) == (200, 3)
    assert "idempotency-replayed" not in again.headers


def test_files_snapshots_and_copies_count_too(serving: Serving) -> None:
    server = serving(quota_stored_bytes="1000000")
    assert session(server, "x = 1").status == 200
    large = {"Content-Type": "application/octet-stream"}
    where = "/v1/sessions/s/files/f"
    assert server.ask("PUT", where, b"a" * 600_000, large).status in (200, 201, 204)
    assert refused(server.ask("PUT", "/v1/sessions/s/files/g", b"b" * 600_000, large))
    listed = server.ask("GET", "/v1/sessions/s/files").json["files"]
    assert listed == [{"name": "f", "bytes": 600_000}]
    assert refused(server.ask("POST", "/v1/sessions/s/fork", {"session_id": "t"}))
    assert server.ask("GET", "/v1/sessions/t").status == 404
    assert server.ask("PUT", where, b"c" * 500_000, large).status in (200, 201, 204)  # less
    assert server.ask("DELETE", where).status == 204
    assert server.ask("PUT", "/v1/sessions/s/files/g", b"b" * 600_000, large).status < 300


def test_a_reply_that_does_not_fit_is_answered_and_not_run_again(serving: Serving) -> None:
    server = serving(quota_stored_bytes="1000000")
    code = "import os\nos.urandom(600_000)"
    first, second = (session_less(server, code, key) for key in ("a", "b"))
    assert (first.status, second.status) == (200, 200)
    assert session_less(server, code, "a").body == first.body
    again = session_less(server, code, "b")
    assert (again.status, again.problem) == (409, "interrupted")
    assert "the quota stored-bytes of its tenant was used up" in again.json["detail"]


def session_less(server: Server, code: str, key: str) -> Reply:
    return server.ask("POST", "/v1/execute", {"code": code}, {"Idempotency-Key": key})


def test_an_idle_session_that_does_not_fit_ends_as_it_was_saved(serving: Serving) -> None:
    server = serving(quota_stored_bytes="100000", idle_seconds="0.5")
    assert session(server, "x = 1", durability="idle").status == 200
    assert session(server, BIG).status == 200
    while server.ask("GET", "/v1/sessions/s").json["live"]:
        pass
    came = session(server, "'x' in globals()").json
    assert came["value"] is False
    assert came["session"]["lost"][0]["reason"].startswith("turns 1 to 2 were not saved")


def test_a_sweep_removes_all_old_receipts(tmp_path: Path) -> None:
    path = f"sqlite:///{tmp_path / 'service.db'}"

    def fill(work: Work) -> None:
        row = "('local', :key, '', 1, 'r', '2020-01-01 00:00:00.000000', 2)"
        columns = "(tenant, key, fingerprint, epoch, run_id, began, bytes)"
        statement = sqlalchemy.text(f"INSERT INTO receipts {columns} VALUES {row}")
        work.connection.execute(statement, [{"key": f"k{number}"} for number in range(3_500)])
        work.stored.add("local", 7_000)

    async def scene() -> None:
        store = await asyncio.to_thread(Store.open, path)
        await store.write(fill)
        await store.close()
        async with inside(tmp_path) as house:
            await house.sessions.sweeping.expire()
            assert await house.store.read(lambda work: work.stored.of_all()) == {"local": 0}

    asyncio.run(scene())
