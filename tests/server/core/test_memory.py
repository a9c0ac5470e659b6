"""The memory of all guests together: who waits for some, who is put aside for it, what is left."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.server.admission import Admission
from ringfence.server.machine import files_in_memory, memory_of_machine
from ringfence.server.memory import Memory
from ringfence.server.problems import Problem
from tests.server.hatchery import Hatchery, Server

Serving = Callable[..., Server]

SMALL = {
    "limit_memory": "128MiB",
    "memory_budget": "214MiB",
    "limit_disk": "16MiB",
    "limit_value": "64MiB",
}
"""One guest that runs, and some that rest: two of :data:`LARGE`."""

LARGE = "data = bytearray(b'x') * (30 << 20)"
IDLE: dict[str, Any] = {
    "durability": "idle"
}  # what a turn's own save leaves behind would be more than its data


def metric(server: Server, name: str) -> float:
    for line in server.ask("GET", "/metrics").body.decode().splitlines():
        if line.startswith(f"ringfence_{name} "):
            return float(line.rpartition(" ")[2])
    return 0.0


def live(server: Server, *names: str, key: dict[str, str] | None = None) -> list[bool]:
    return [server.ask("GET", f"/v1/sessions/{name}", headers=key).json["live"] for name in names]


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


# --- the account ----------------------------------------------------------------------------


def test_a_quarter_is_kept_for_tenants_that_use_nothing() -> None:
    async def scene() -> None:
        memory = Memory(400)
        admission = Admission(9, 9, 60, memory=memory)
        async with admission.place("a", 200), admission.place("a", 100):
            third = asyncio.create_task(admission.room(memory.holding("a"), 1))
            await settle()
            assert not third.done()
            async with admission.place("b", 100):
                assert memory.held == 400
            third.cancel()
            await asyncio.gather(third, return_exceptions=True)
        assert (memory.held, admission.waiting, admission.running) == (0, 0, 0)

    asyncio.run(scene())


def test_who_waits_for_memory_is_passed_by_nobody_that_uses_some() -> None:
    async def scene() -> None:
        memory = Memory(400, kept=0)
        admission = Admission(9, 9, 60, memory=memory)
        order = []

        async def enter(tenant: str, size: int) -> None:
            async with admission.place(tenant, size):
                order.append(f"{tenant} {size}")

        held = memory.holding("a")
        await admission.room(held, 100)
        other = memory.holding("b")
        await admission.room(other, 200)
        tasks = [asyncio.create_task(enter("a", 300))]
        await settle()
        tasks += [asyncio.create_task(enter("b", 50)), asyncio.create_task(enter("c", 50))]
        await settle()
        assert order == ["c 50"]
        other.end()
        await asyncio.gather(*tasks)
        assert order == ["c 50", "a 300", "b 50"]
        held.end()
        assert memory.held == 0

    asyncio.run(scene())


def test_who_is_not_let_in_has_what_it_had() -> None:
    async def scene() -> None:
        memory = Memory(100, kept=0)
        admission = Admission(1, 9, 60, memory=memory)
        session, lent = memory.holding("a"), memory.holding("b", lasting=True)
        session.rest(30)
        await admission.room(lent, 60)
        entering = asyncio.create_task(admission.enter("a", 100, session))
        await settle()
        admission.give_up()  # nobody waits for the end of what is lent
        with pytest.raises(Problem) as refused:
            await entering
        assert refused.value.name == "overloaded"
        assert (session.size, session.rests, admission.waiting) == (30, True, 0)
        entering = asyncio.create_task(admission.enter("a", 100, session))
        await settle()
        lent.end()
        assert (memory.held, memory.resting) == (100, 0)
        entering.cancel()  # it was let in, and has not run yet
        await asyncio.gather(entering, return_exceptions=True)
        assert (session.size, session.rests, memory.held) == (30, True, 30)
        assert (admission.running, admission.waiting) == (0, 0)

    asyncio.run(scene())


@pytest.mark.parametrize("seed", range(20))
def test_after_any_coming_and_going_nothing_is_held(seed: int) -> None:
    async def scene() -> None:
        chance = random.Random(seed)
        memory = Memory(1_000)
        admission = Admission(3, 12, 0.02, memory=memory)
        sessions = [memory.holding("abc"[number % 3]) for number in range(6)]
        free = set(range(6))

        async def visit() -> None:
            tenant, size = chance.choice("abc"), chance.randrange(1, 900)
            kind = chance.randrange(4)
            with contextlib.suppress(Problem):
                if kind == 0:
                    async with admission.place(tenant, size):
                        await asyncio.sleep(chance.random() / 500)
                elif kind == 1:
                    async with admission.beside(memory.holding(tenant), size):
                        await asyncio.sleep(chance.random() / 500)
                elif free:
                    number = free.pop()
                    holding = sessions[number]
                    try:
                        async with admission.place(holding.tenant, size, holding):
                            await asyncio.sleep(chance.random() / 500)
                            assert memory.held <= memory.most
                            holding.rest(chance.randrange(size))
                    finally:
                        free.add(number)
            if kind == 3:
                admission.give_up()

        tasks = [asyncio.create_task(visit()) for _ in range(200)]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0.001)
            chance.choice(tasks).cancel()
        assert not [task for task in tasks if not task.cancelled() and task.exception()]
        assert memory.held == memory.resting == sum(one.size for one in sessions)
        for one in sessions:
            one.end()
        assert (memory.held, memory.resting, memory._ending) == (0, 0, 0)
        assert (memory._of, memory._used, memory._lasting) == ({}, {}, {})
        assert (admission.running, admission.waiting) == (0, 0)

    asyncio.run(scene())


# --- what the default is a share of ---------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "files", "bound"),
    [
        ("0::/unit", {"unit/memory.max": "5000000"}, 5_000_000),
        ("0::/outer/unit", {"outer/memory.max": "4000000", "outer/unit/memory.max": "max"}, 4_000_000),
        ("0::/hidden/by/a/container", {"memory.max": "3000000"}, 3_000_000),
        ("4:memory:/unit", {"memory/unit/memory.limit_in_bytes": "2000000"}, 2_000_000),
    ],
)  # fmt: skip
def test_the_memory_of_a_container_or_unit_bounds_that_of_the_machine(
    tmp_path: Path, group: str, files: dict[str, str], bound: int
) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    assert memory_of_machine(tmp_path) == memory_of_machine(tmp_path) > 1 << 28
    (tmp_path / "proc/self/cgroup").write_text(f"9:pids:/\n{group}\n")
    for name, text in files.items():
        path = tmp_path / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    assert memory_of_machine(tmp_path) == bound


@pytest.mark.parametrize(
    ("group", "files", "size"),
    [
        ("0::/unit", {"sys/fs/cgroup/unit/memory.stat": "anon 5\nshmem 4096\nfile 9"}, 4_096),
        (
            "4:memory:/unit",
            {"sys/fs/cgroup/memory/unit/memory.stat": "shmem 1\ntotal_shmem 8192"},
            8_192,
        ),
        ("9:pids:/", {"proc/meminfo": "MemTotal: 9 kB\nShmem:      12 kB\nSlab: 3 kB"}, 12 << 10),
        ("9:pids:/", {}, None),
    ],
)
def test_no_guest_has_more_files_than_lie_in_memory(
    tmp_path: Path, group: str, files: dict[str, str], size: int | None
) -> None:
    for name, text in {"proc/self/cgroup": group, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    assert files_in_memory(tmp_path) == size


# --- a service ------------------------------------------------------------------------------


def test_sessions_that_rest_are_put_aside_for_one_that_needs_the_memory(
    weighing: None, serving: Serving
) -> None:
    server = serving(**SMALL)
    for name in "abc":
        server.execute(LARGE, session_id=name, **IDLE)
    assert live(server, *"abc") == [True, True, True]  # each counts with what it has
    assert 90 << 20 < metric(server, "memory_resting_bytes") < 214 << 20
    server.execute(LARGE, session_id="d", **IDLE)
    assert live(server, *"abcd") == [False, True, True, True]
    assert metric(server, 'sessions_put_aside_total{reason="memory"}') == 1
    assert server.execute("len(data)", session_id="a")["value"] == 30 << 20
    assert live(server, *"abcd") == [True, False, True, True]
    for name in "abcd":
        assert server.ask("DELETE", f"/v1/sessions/{name}").status == 204
    assert metric(server, "memory_held_bytes") == metric(server, "memory_resting_bytes") == 0


def test_small_sessions_are_weighed_and_stay(weighing: None, serving: Serving) -> None:
    """By what is resident alone, two of them would have been too many."""
    server = serving(**SMALL)
    names = [f"s{number}" for number in range(12)]
    for name in names:
        server.execute("x = 1", session_id=name)
    assert live(server, *names) == [True] * 12


def test_files_are_memory(serving: Serving) -> None:
    server = serving(limit_memory="128MiB", memory_budget="184MiB", limit_disk="64MiB")
    hidden = "import os\nf = open('f', 'wb')\nf.write(bytes(60 << 20))\nos.unlink('f')"
    for name in "ab":
        server.execute(hidden, session_id=name, durability="idle")
    assert live(server, *"ab") == [False, True]


def test_another_tenant_s_small_session_is_not_put_aside_for_a_large_one(
    weighing: None, hatched: Hatchery, serving: Serving, tmp_path: Path
) -> None:
    hatched.home = tmp_path
    large, small = hatched.make_keys("large", "small")
    server = serving(**SMALL)
    server.execute("x = 1", session_id="old", headers=small)
    for name in "abcd":
        server.execute(LARGE, session_id=name, headers=large, **IDLE)
    assert live(server, "old", key=small) == [True]
    assert live(server, *"abcd", key=large) == [False, True, True, True]


def test_what_cannot_be_had_is_refused_at_once(weighing: None, serving: Serving) -> None:
    server = serving(**SMALL, queue_seconds="600")
    for name in "ab":
        server.execute(LARGE.replace("30", "60"), session_id=name, durability="never")
    for path, body in (
        ("/v1/execute", {"code": "1"}),
        ("/v1/execute", {"code": "1", "session_id": "c"}),
        ("/v1/tools/python_executor", {"tool": "python_executor", "parameters": {"code": "1"}}),
        ("/agent/query", {"query": "Execute Python: 1", "tools": ["python_executor"]}),
        ("/v1/sessions/a/fork", {}),
    ):
        refused = server.ask("POST", path, body)
        assert (refused.status, refused.problem) == (503, "overloaded"), path
        assert int(refused.headers["retry-after"]) >= 1
        assert "memory" in refused.json["detail"]
    assert server.ask("GET", "/v1/sessions/c").status == 404
    assert server.execute("1", limits={"memory": "20MiB"})["value"] == 1
    assert server.ask("DELETE", "/v1/sessions/a").status == 204
    assert server.execute("1")["value"] == 1


def test_after_a_storm_nothing_is_held(serving: Serving) -> None:
    """Runs, sessions and forks that end by themselves, by a limit, by dying, by who leaves."""
    server = serving(**SMALL, running="4", queue="8", queue_seconds="1", quota_concurrent="500")
    codes = (
        "x = 1",
        "import os; os._exit(1)",
        "y = bytearray(200 << 20)",
        "while True: pass",
        LARGE,
    )

    def client(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(12):
            body = {"code": chance.choice(codes), "timeout_seconds": 1}
            session = f"s{chance.randrange(5)}"
            if chance.random() < 0.6:
                body |= {"session_id": session}
                body |= {"durability": chance.choice(["per-turn", "idle", "never"])}
            kind = chance.randrange(6)
            if kind == 0:
                with server.connect() as connection:
                    connection.sendall(_request(body))  # and leaves
            elif kind == 1:
                server.ask("POST", f"/v1/sessions/{session}/fork", {})
            elif kind == 2:
                server.ask("DELETE", f"/v1/sessions/{session}")
            else:
                server.ask("POST", "/v1/execute", body)

    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A run whose client left may begin now, and make its session anew.
    while metric(server, "memory_held_bytes"):
        for one in server.ask("GET", "/v1/sessions").json["sessions"]:
            server.ask("DELETE", f"/v1/sessions/{one['id']}")
    assert metric(server, "memory_resting_bytes") == 0
    assert server.execute("1 + 1")["value"] == 2


def _request(body: dict[str, object]) -> bytes:
    import json

    data = json.dumps(body).encode()
    head = f"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + data
