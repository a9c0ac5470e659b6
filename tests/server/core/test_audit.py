"""What the audit log says about runs and denials, and what it never says."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ringfence.server.access.denials import A_MINUTE, Denials
from ringfence.server.problems import Fault, Problem
from ringfence.server.store import Store
from tests.server.hatchery import Hatchery, Server
from tests.server.store.scenes import audit_of

Serving = Callable[..., Server]


def rows_of(home: Path, kind: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    """(tenant, key, details) of all rows of a kind: those of ``run`` too for ``run``."""
    with sqlite3.connect(home / "service.db") as database:
        rows = database.execute(
            "SELECT tenant, key_id, details FROM audit WHERE kind = ? ORDER BY number", (kind,)
        ).fetchall()
    database.close()
    return [(tenant, key, json.loads(details)) for tenant, key, details in rows]


def test_a_denied_request_is_in_the_audit_log_and_a_run_too(serving: Serving) -> None:
    server = serving()
    secret = "x = 'a secret of the guest'"
    server.execute(secret)
    assert server.ask("POST", "/v1/execute", {"code": "1", "packages": ["pandas"]}).status == 422
    home = server.home
    server.stop()
    ((tenant, _, run),) = rows_of(home, "run")
    ((other, _, denied),) = rows_of(home, "denied")
    assert tenant == other == "local"
    assert (denied["problem"], denied["what"]) == ("not-allowed", "packages")
    assert "secret" not in json.dumps([run, denied])


def test_denials_are_a_few_rows_a_minute_and_a_count(serving: Serving) -> None:
    server = serving(quota_per_minute="5")
    wrong = {"code": "1", "packages": ["pandas"]}
    statuses = [server.ask("POST", "/v1/execute", wrong).status for _ in range(20)]
    assert statuses == [422] * 5 + [429] * 15
    home = server.home
    server.stop()
    told = [row["what"] for _, _, row in rows_of(home, "denied")]
    assert told == ["packages"] * 5 + ["quota:per-minute"] * (A_MINUTE - 5)
    ((tenant, _, more),) = rows_of(home, "denied.more")
    assert (tenant, more) == ("local", {"count": 10, "what": {"quota:per-minute": 10}})


def test_scopes_sessions_streams_and_kept_bytes_are_told_with_their_key(
    hatched: Hatchery, serving: Serving
) -> None:
    first = serving(quota_stored_bytes="1000", sessions_kept="1")
    first.stop()
    (acme,) = hatched.make_keys("acme")
    server = serving(quota_stored_bytes="1000", sessions_kept="1")
    key = acme["Authorization"][11:27]
    events = {**acme, "Accept": "text/event-stream"}
    big = {"code": "import os; x = os.urandom(100_000)", "session_id": "s"}
    assert server.ask("POST", "/v1/sessions", {"session_id": "s"}, acme).status == 201
    assert server.ask("POST", "/v1/sessions", {"session_id": "t"}, acme).status == 429
    reply = server.ask("POST", "/v1/execute", big, events)
    assert b"quota:stored-bytes" in reply.body, reply
    assert server.ask("POST", "/agent/query", {"query": "hello"}, acme).status == 403
    home = server.home
    server.stop()
    told = [(tenant, who, row["what"]) for tenant, who, row in rows_of(home, "denied")]
    assert told == [
        ("acme", key, "quota"),
        ("acme", key, "quota:stored-bytes"),
        ("acme", key, "not-allowed"),
    ]


def test_a_problem_is_told_once_and_each_minute_begins_anew(tmp_path: Path) -> None:
    def denied(what: str) -> Problem:
        return Problem("not-allowed", "no", errors=[Fault(what, "", "")])

    async def scene() -> None:
        store = await asyncio.to_thread(Store.open, f"sqlite:///{tmp_path / 'service.db'}")
        denials = Denials(store, every=0.01)
        one = denied("one")
        for _ in range(3):
            denials.note("acme", None, one)
        denials.note("acme", None, Problem("unknown", "no denial"))
        for number in range(30):
            denials.note("acme", None, denied(f"limits.{number}"))
        denials.note("bolt", None, denied("two"))
        while not any(row.kind == "denied.more" for row in await audit_of(store)):
            pass
        denials.note("acme", None, denied("three"))
        await denials.close()
        rows = [(row.kind, row.tenant, json.loads(row.details)) for row in await audit_of(store)]
        told = [(tenant, row["what"]) for kind, tenant, row in rows if kind == "denied"]
        assert told == [
            ("acme", "one"),
            *(("acme", f"limits.{number}") for number in range(A_MINUTE - 1)),
            ("bolt", "two"),
            ("acme", "three"),
        ]
        ((more,),) = [[row] for kind, _, row in rows if kind == "denied.more"]
        assert more["count"] == sum(more["what"].values()) + 1 == 21
        await store.close()

    asyncio.run(scene())
