"""What is kept, and when: late writes, databases that are away, clocks that are wrong."""

import asyncio
import contextlib
import datetime
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ringfence.errors import StoreUnavailable
from ringfence.runtime.registry import find_engine
from ringfence.server.access.caller import Caller
from ringfence.server.access.quotas import QuotaKeeper, Quotas
from ringfence.server.core import open_core
from ringfence.server.house import House
from ringfence.server.problems import Problem
from ringfence.server.schemas import ExecuteRequest
from ringfence.server.settings import Settings
from ringfence.server.store import Store
from tests.server.hatchery import Server
from tests.server.process import Reply

Serving = Callable[..., Server]
CALLER = Caller("local", None, frozenset({"run"}), Quotas(100, 100_000, 1e6))


@contextlib.asynccontextmanager
async def inside(home: Path) -> AsyncIterator[House]:
    """The heart of a service, whose database is waited for a moment only."""
    settings = Settings(
        database=f"sqlite:///{home / 'service.db'}",
        state_key=SecretStr("the key of a service"),
        pool_size=1,
    )
    async with contextlib.AsyncExitStack() as closing:
        house = House(settings)
        house.store = await asyncio.to_thread(Store.open, settings.database, patience=0.2)
        closing.push_async_callback(house.store.close)
        house.quotas = await QuotaKeeper.open(house.store)
        await open_core(house, closing)
        yield house


async def run(house: House, code: str, key: str | None = None, **more: Any) -> dict[str, Any]:
    request = ExecuteRequest(code=code, session_id="s", **more)
    run = await house.execution.run(CALLER, request, idempotency_key=key)
    reply: dict[str, Any] = await run.reply()
    return reply


@contextlib.contextmanager
def locked(home: Path) -> Any:
    """The database is somebody else's meanwhile."""
    database = sqlite3.connect(home / "service.db", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
        database.close()


def test_a_save_that_was_refused_is_not_remembered_as_done(tmp_path: Path) -> None:
    async def scene() -> None:
        async with inside(tmp_path) as house:
            await run(house, "x = 1", durability="idle")
            assert (await house.operations.save(CALLER, "s"))["saved_turn"] == 1
            await run(house, "x = 2")
            with locked(tmp_path), pytest.raises(StoreUnavailable):
                await house.operations.save(CALLER, "s")
            died = await run(house, "import os; os._exit(3)")
            assert (died["session"]["state"], died["session"]["turn"]) == ("rolled-back", 1)
            assert [one["name"] for one in died["session"]["lost"]] == ["*"]
            came = await run(house, "x")
            assert (came["value"], came["session"]["restored"]) == (1, True)
            assert [one["name"] for one in came["session"]["lost"]] == ["*"]

    asyncio.run(scene())


@pytest.mark.parametrize("durability", ["idle", "never"])
def test_a_session_that_is_saved_later_outlives_a_database_that_is_away(
    tmp_path: Path, durability: str
) -> None:
    async def scene() -> None:
        async with inside(tmp_path) as house:
            await run(house, "x = 1", durability=durability)
            asked = ExecuteRequest(
                code="import time; print('in', flush=True); time.sleep(0.5); x += 1", session_id="s"
            )
            going = await house.execution.run(CALLER, asked, recording=True)
            async for event in going.events():
                if event.kind == "stdout":
                    break
            with locked(tmp_path), pytest.raises(Problem) as told:
                await going.reply()
            assert told.value.name == "unavailable"
            assert told.value.retry_after is None  # it has run: nobody should send it again
            assert (await run(house, "x"))["value"] == 2

    asyncio.run(scene())


def test_a_turn_that_could_not_be_kept_is_undone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with inside(tmp_path) as house:
            await run(house, "x = 1")
            asked = ExecuteRequest(
                code="import time; print('in', flush=True); time.sleep(0.5); x += 1", session_id="s"
            )
            going = await house.execution.run(CALLER, asked, recording=True, idempotency_key="k")
            async for event in going.events():
                if event.kind == "stdout":
                    break
            with locked(tmp_path), pytest.raises(Problem):
                await going.reply()
            with pytest.raises(Problem) as told:
                again = await house.execution.run(CALLER, asked, idempotency_key="k")
                await again.reply()
            assert told.value.name == "interrupted"
            came = await run(house, "x")
            assert (came["value"], came["session"]["turn"]) == (1, 2)

    asyncio.run(scene())


@pytest.mark.parametrize("late", [True, False])
def test_a_change_that_comes_late_does_not_undo_a_later_one(tmp_path: Path, late: bool) -> None:
    async def scene() -> None:
        async with inside(tmp_path) as house:
            await run(house, "x = 1")
            sessions = house.sessions
            async with sessions.holding("local", "s") as session:
                session.known.turns += 1
                old = sessions.saving.keeping(session, await sessions.saving.capture(session))
                await sessions.discard(session)
            if late:
                assert (await run(house, "x += 10; x"))["session"]["turn"] == 2
                with pytest.raises(Problem):
                    await house.store.write(old.write)
                assert (await run(house, "x"))["value"] == 11
                return
            async with sessions.holding("local", "s") as session:
                new = sessions.saving.keeping(session, None)
                await house.store.write(old.write)
                with pytest.raises(Problem):
                    await house.store.write(new.write)
                await sessions.discard(session)
            assert (await run(house, "x"))["session"]["turn"] == 3

    asyncio.run(scene())


def test_a_clock_that_is_ahead_when_a_server_starts_deletes_nothing(serving: Serving) -> None:
    server = serving()
    body = {"code": "import uuid; str(uuid.uuid4())", "session_id": "s"}
    first = server.ask("POST", "/v1/execute", body, {"Idempotency-Key": "k"})
    home = server.home
    server.stop()
    # The same as a clock that is forty days ahead now: all that was kept is forty days old.
    with sqlite3.connect(home / "service.db") as database:
        for table, column in (("sessions", "used"), ("receipts", "began"), ("ageing", "seen")):
            (text,) = database.execute(f"SELECT {column} FROM {table}").fetchone()
            moment = datetime.datetime.fromisoformat(text) - datetime.timedelta(days=40)
            database.execute(f"UPDATE {table} SET {column} = ?", (str(moment),))
    database.close()
    again = serving(idle_seconds="0.2")
    again.execute("1", session_id="other")
    while again.ask("GET", "/v1/sessions/other").json["live"]:  # until it was looked around
        pass
    assert again.ask("GET", "/v1/sessions/s").status == 200
    replayed = again.ask("POST", "/v1/execute", body, {"Idempotency-Key": "k"})
    assert replayed.body == first.body


def test_a_session_outlives_that_its_engine_is_named(serving: Serving, engine: str) -> None:
    server = serving(engine=engine, engines=engine)
    named = server.execute("x = 1", session_id="s")["engine"]
    assert server.ask("GET", "/v1/sessions/s").json["engine"] == named
    server.stop()
    if engine == "native":
        other = serving(engine="auto")
        assert other.execute("x", session_id="s")["value"] == 1
        other.execute("y = 1", session_id="t")
        other.stop()
        last = serving(engine="native", engines="native")
        assert last.execute("y", session_id="t", engine="native")["value"] == 1


def test_saving_and_coming_back_are_charged_to_the_tenant(serving: Serving) -> None:
    server = serving()
    burning = (
        "import time\ndef burn():\n    end = time.process_time() + 0.3\n"
        "    while time.process_time() < end: pass\n"
        "class Slow:\n    def __reduce__(self):\n        burn()\n        return (Slow, ())\n"
        "slow = Slow()"
    )
    server.execute(burning, session_id="s")
    server.execute(
        "import os, time\nend = time.time() + 1\nwhile time.time() < end: pass\nos._exit(1)"
    )
    home = server.home
    server.stop()
    with sqlite3.connect(home / "service.db") as database:
        ((seconds,),) = database.execute("SELECT sum(cpu_seconds) FROM usage").fetchall()
    database.close()
    assert seconds > 0.3 + 0.9


def test_an_answered_request_is_answered_whatever_its_session_does(serving: Serving) -> None:
    server = serving()
    body = {"code": "1", "session_id": "s"}
    first = server.ask("POST", "/v1/execute", body, {"Idempotency-Key": "k"})
    replies: list[Reply] = []
    thread = threading.Thread(
        target=lambda: replies.append(
            server.ask("POST", "/v1/sessions/s/execute", {"code": "while True: pass"})
        )
    )
    thread.start()
    while (
        server.ask("POST", "/v1/sessions/s/execute", {"code": "1", "on_busy": "reject"}).status
        == 200
    ):
        pass
    again = server.ask("POST", "/v1/execute", {**body}, {"Idempotency-Key": "k"})
    assert again.body == first.body
    server.ask("DELETE", "/v1/sessions/s")
    thread.join(60)
    assert server.ask("POST", "/v1/execute", body, {"Idempotency-Key": "k"}).body == first.body


def test_a_session_that_cannot_be_saved_ends_at_its_time_and_says_so(serving: Serving) -> None:
    server = serving(idle_seconds="0.3")
    server.execute("x = 1", session_id="s")
    server.execute("globals().update({f'v{n}': 1 for n in range(10_001)})", session_id="s")
    while server.ask("GET", "/v1/sessions/s").json["live"]:
        pass
    came = server.execute("(x, 'v1' in globals())", session_id="s")
    assert came["value"]["items"] == [1, False]
    assert "*" in {one["name"] for one in came["session"]["lost"]}


def test_turns_that_a_killed_guest_takes_along_are_told_until_somebody_hears(
    serving: Serving,
) -> None:
    server = serving()
    server.execute("x = 1", session_id="s", durability="idle")
    server.execute("y = 1", session_id="s")
    died = server.execute("import os; os._exit(1)", session_id="s")["session"]
    assert (died["state"], died["turn"]) == ("rolled-back", 0)
    assert died["lost"][0]["reason"] == "turns 1 to 2 were not saved (durability idle)"
    came = server.execute("1", session_id="s")["session"]
    assert came["restored"] is True
    assert came["lost"] == died["lost"]


def test_a_tenant_has_as_many_sessions_as_it_may_also_at_once(serving: Serving) -> None:
    server = serving(sessions_kept="3", running="8")
    replies: list[Reply] = []
    threads = [
        threading.Thread(
            target=lambda n=n: replies.append(
                server.ask("POST", "/v1/execute", {"code": "1", "session_id": f"s{n}"})
            )
        )
        for n in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    statuses = [reply.status for reply in replies]
    assert (statuses.count(200), statuses.count(429)) == (3, 7)
    assert len(server.ask("GET", "/v1/sessions").json["sessions"]) == 3


def test_a_rollback_is_whole_or_not_at_all(serving: Serving, engine: str) -> None:
    if not find_engine(engine).capabilities.snapshot:
        pytest.skip("this engine has none")
    server = serving(engine=engine, engines=engine)
    server.execute("x = 1", session_id="s", durability="idle")
    assert server.ask("POST", "/v1/sessions/s/snapshot").status == 201
    server.execute("x = 4", session_id="s")
    server.ask("POST", "/v1/sessions/s/save")
    assert server.ask("POST", "/v1/sessions/s/rollback", {}).status == 200
    deadly = "class D:\n    def __reduce__(self):\n        import os; os._exit(1)\nd = D()"
    server.execute(deadly, session_id="d", durability="idle")
    assert server.ask("POST", "/v1/sessions/d/snapshot").status == 201
    server.execute("del d; x = 99", session_id="d")
    refused = server.ask("POST", "/v1/sessions/d/rollback", {})
    assert (refused.status, refused.problem) == (422, "not-enforceable")
    assert server.execute("x", session_id="d")["value"] == 99
    server.kill()
    came = serving(engine=engine, engines=engine).execute("x", session_id="s")
    assert came["value"] == 1
