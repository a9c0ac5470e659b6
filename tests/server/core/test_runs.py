"""Runs that have ended are kept for late readers, within bounds, and keep nothing else alive."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextvars import ContextVar

import pytest

from ringfence.server.problems import Problem
from ringfence.server.runs import MOST_OF_ALL, Run, Runs


def _ended(runs: Runs, body: bytes) -> Run:
    run = runs.begin("acme", recording=False)
    run.finish(body)
    runs.end(run)
    return run


def _is_kept(runs: Runs, run: Run) -> bool:
    try:
        return runs.find("acme", run.id) is run
    except Problem as problem:
        assert problem.name == "unknown"
        return False


@pytest.mark.parametrize(("size", "most"), [(MOST_OF_ALL // 4, 4), (MOST_OF_ALL // 100, 100)])
def test_they_keep_so_many_bytes_together(size: int, most: int) -> None:
    async def main() -> None:
        runs = Runs(1e6)
        ended = [_ended(runs, bytes(size)) for _ in range(most + 3)]
        kept = [_is_kept(runs, run) for run in ended]
        assert kept == sorted(kept)  # the latest
        assert most - 1 <= sum(kept) <= most

    asyncio.run(main())


def test_a_run_counts_with_what_it_takes_itself() -> None:
    async def main() -> None:
        runs = Runs(1e6)
        ended = [_ended(runs, b"{}") for _ in range(MOST_OF_ALL >> 11)]
        assert not _is_kept(runs, ended[0])
        assert _is_kept(runs, ended[-1])

    asyncio.run(main())


class _Tool:
    """What a run is done with."""


_used: ContextVar[_Tool] = ContextVar("_used")


def test_they_hold_nothing_that_they_were_done_with() -> None:
    async def work(runs: Runs, run: Run) -> None:
        await asyncio.sleep(0)
        run.finish(b'{"value":1}', {"value": 1, "tool": _used.get()})
        runs.end(run)

    async def follow(runs: Runs, run: Run) -> weakref.ref[_Tool]:
        tool = _Tool()
        token = _used.set(tool)
        run.task = asyncio.create_task(work(runs, run))  # in this context
        _used.reset(token)
        run.stop_with(run.task.cancel)
        assert await run.reply() == {"value": 1, "tool": tool}
        return weakref.ref(tool)

    async def main() -> None:
        runs = Runs(1e6)
        run = runs.begin("acme", recording=False)
        tool = await follow(runs, run)
        await asyncio.sleep(0)
        gc.collect()
        assert tool() is None
        assert await run.reply() == {"value": 1}

    asyncio.run(main())


def test_a_reply_at_hand_is_not_read_again() -> None:
    async def main() -> None:
        runs = Runs(1e6)
        run = runs.begin("acme", recording=False)
        told = {"value": 1}
        first, second = (asyncio.ensure_future(run.reply()) for _ in range(2))
        await asyncio.sleep(0)
        run.finish(b"not looked at", told)
        runs.end(run)
        assert await first is told
        assert await second is told

    asyncio.run(main())
