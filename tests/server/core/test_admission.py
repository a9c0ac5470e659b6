"""Who runs next: fair between tenants, bounded, and quick to refuse."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.server.admission import Admission
from ringfence.server.problems import Problem
from tests.server.hatchery import Hatchery, Server
from tests.server.process import Reply

Serving = Callable[..., Server]


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def entering(admission: Admission, tenant: str, order: list[str]) -> asyncio.Task[None]:
    async def enter() -> None:
        await admission.enter(tenant)
        order.append(tenant)

    return asyncio.create_task(enter())


def test_tenants_take_turns_whatever_the_length_of_their_lines() -> None:
    async def scene() -> None:
        admission, order = Admission(1, 100, 60, kept=0), list[str]()
        await admission.enter("first")
        tasks = [entering(admission, "flood", order) for _ in range(10)]
        await settle()
        tasks += [entering(admission, "a", order), entering(admission, "b", order)]
        tasks += [entering(admission, "a", order)]
        await settle()
        admission.leave("first")
        for _ in range(13):
            await settle()
            admission.leave(order[-1])
        assert order[:6] == ["flood", "a", "b", "flood", "a", "flood"]
        assert len(order) == 13
        assert (admission.running, admission.waiting) == (0, 0)
        await asyncio.gather(*tasks)

    asyncio.run(scene())


def test_a_place_is_kept_for_a_tenant_that_runs_nothing() -> None:
    async def scene() -> None:
        admission, order = Admission(2, 10, 60), list[str]()
        tasks = [entering(admission, "long", order) for _ in range(5)]
        await settle()
        assert order == ["long", "long"]
        tasks += [entering(admission, "other", order), entering(admission, "other", order)]
        await settle()
        assert order == ["long", "long", "other"]
        admission.leave("other")
        await settle()
        assert order == ["long", "long", "other", "other"]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert admission.waiting == 0

    asyncio.run(scene())


def test_a_full_queue_gives_room_to_who_has_least_in_it() -> None:
    async def scene() -> None:
        admission, order = Admission(1, 3, 60, kept=0), list[str]()
        await admission.enter("first")
        flood = [entering(admission, "flood", order) for _ in range(3)]
        await settle()
        with pytest.raises(Problem) as refused:
            await admission.enter("flood")
        assert refused.value.name == "overloaded"
        assert refused.value.retry_after is not None
        newcomer = entering(admission, "newcomer", order)
        await settle()
        assert isinstance(flood[-1].exception(), Problem)
        admission.leave("first")
        await settle()
        admission.leave("flood")
        await newcomer
        assert order == ["flood", "newcomer"]
        admission.leave("newcomer")
        await flood[1]

    asyncio.run(scene())


def test_who_waited_too_long_is_refused_and_leaves_no_trace() -> None:
    async def scene() -> None:
        admission = Admission(1, 3, 0.01, kept=0)
        await admission.enter("first")
        with pytest.raises(Problem):
            await admission.enter("second")
        assert (admission.running, admission.waiting, admission.refused) == (1, 0, 1)
        admission.leave("first")
        await admission.enter("second")

    asyncio.run(scene())


def test_who_gives_up_as_it_is_let_in_gives_the_place_on() -> None:
    async def scene() -> None:
        admission, order = Admission(1, 3, 60, kept=0), list[str]()
        await admission.enter("first")
        second, third = entering(admission, "second", order), entering(admission, "third", order)
        await settle()
        admission.leave("first")
        second.cancel()  # it was let in, and has not run yet
        await asyncio.gather(second, return_exceptions=True)
        await third
        assert order == ["third"]

    asyncio.run(scene())


def test_a_tenant_that_floods_with_long_runs_does_not_starve_another(
    hatched: Hatchery, serving: Serving, tmp_path: Path
) -> None:
    hatched.home = tmp_path
    flood, other = hatched.make_keys("flood", "other")
    server = serving(running="2", queue="4", queue_seconds="60", quota_concurrent="50")
    statuses: list[int] = []

    def long() -> None:
        body = {"code": "while True: pass", "timeout_seconds": 3}
        statuses.append(server.ask("POST", "/v1/execute", body, flood).status)

    threads = [threading.Thread(target=long) for _ in range(20)]
    for thread in threads:
        thread.start()
    while b"ringfence_queue_length 4.0" not in server.ask("GET", "/metrics").body:
        pass
    replies: list[Reply] = [
        server.ask("POST", "/v1/execute", {"code": "1 + 1"}, other) for _ in range(5)
    ]
    assert [reply.status for reply in replies] == [200] * 5
    for thread in threads:
        thread.join(60)
    assert statuses.count(503) >= 13
    assert statuses.count(200) >= 6


def test_overload_is_told_at_once(serving: Serving) -> None:
    server = serving(running="1", queue="0", queue_seconds="60", quota_concurrent="50")
    began = threading.Event()
    replies: list[Reply] = []

    def long() -> None:
        began.set()
        replies.append(server.ask("POST", "/v1/execute", {"code": "import time; time.sleep(5)"}))

    # One runs at once, one more has the place that is kept; so one tenant has one.
    thread = threading.Thread(target=long)
    thread.start()
    began.wait(30)
    while b"ringfence_runs_running 1.0" not in server.ask("GET", "/metrics").body:
        pass
    refused = server.ask("POST", "/v1/execute", {"code": "1"})
    assert thread.is_alive()  # it did not wait for the other
    assert (refused.status, refused.problem) == (503, "overloaded")
    assert int(refused.headers["retry-after"]) >= 1
    thread.join(60)
    assert replies[0].status == 200
