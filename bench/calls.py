"""Round trips with a sandbox that lives: call, run, host call, await."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import ringfence
from bench import peers
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import BARE, Row, Target, skipped, timing
from bench.unjailed import Unjailed
from ringfence.cli.bench.timing import Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Round trips with a live sandbox"
NOTE = (
    "The sandbox is started and warm. Calls come in short blocks of the same kind, as calls do; "
    "the kinds take turns. A host call is the time between two entries of the host function, "
    "while one turn of the guest makes many. The unjailed worker is a plain Python process that "
    "is asked by JSON lines over a socket pair: the floor on this machine."
)
_DEFINE = "def add(a, b):\n    return a + b\n"
_HOST_CALLS = "from host import ping\nfor number in range({count}):\n    ping(number)\n"
_MONTY_CALLS = "for number in range({count}):\n    ping(number)\n1"
_CALLS = 10_000_000


def _expect(value: object, wanted: object) -> None:
    if value != wanted:
        raise RuntimeError(f"{value!r} instead of {wanted!r}")


class _Pings:
    """A host function that notes when it was entered."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def function(self) -> Callable[[int], int]:
        times, clock = self.times, time.perf_counter

        def ping(number: int) -> int:
            times.append(clock())
            return number

        return ping

    def between(self) -> list[float]:
        """Seconds from one entry to the next; forgets them."""
        seconds = [
            later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)
        ]
        self.times.clear()
        return seconds


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, plan.call_rounds)
    pings = _Pings()
    limits = ringfence.Limits(calls=_CALLS)
    with (
        ringfence.Sandbox(functions=[pings.function()], limits=limits) as box,
        Unjailed() as worker,
        peers.monty() as monty,
        asyncio.Runner() as runner,
    ):
        box.run(_DEFINE).raise_for_status()
        worker.define(_DEFINE)
        awaited = runner.run(_started())
        try:
            subjects = [
                *_ours(plan, box, pings),
                Subject(
                    name="await",
                    work=lambda: runner.run(_await_calls(awaited, plan.block)),
                    clocked=True,
                ),
                Subject(
                    name="worker",
                    work=lambda: _expect(worker.call("add", 20, 22), 42),
                    block=plan.block,
                ),
                Subject(name=BARE, work=peers.start_bare, every=10),
            ]
            if isinstance(monty, peers.Missing):
                found = take_turns(subjects, plan.call_rounds, progress)
            else:
                with monty.session() as session:
                    subjects += _monty_subjects(plan, session)
                    found = take_turns(subjects, plan.call_rounds, progress)
        finally:
            runner.run(awaited.close())
    names = {
        "call": ('`box.call("add", 20, 22)`', Target(40)),
        "run": ('`box.run("1+1")`', Target(150)),
        "host call": ("host call, from the guest and back", Target(50)),
        "await": ("`await box.call(…)`, AsyncSandbox", Target(200)),
    }
    floor = found["worker"].median
    rows = [
        timing(
            GROUP,
            text,
            found[name],
            "us",
            against=found[BARE],
            target=target,
            note=f"{found[name].median / floor:.2f} times the unjailed worker",
        )
        for name, (text, target) in names.items()
    ]
    beside = {
        "worker": "unjailed worker: the same call",
        "monty run": 'Monty: `feed_run("1+1")`',
        "monty host call": "Monty: host call",
    }
    for name, text in beside.items():
        if name in found:
            rows.append(timing(GROUP, text, found[name], "us", against=found[BARE], subject=False))
        elif isinstance(monty, peers.Missing):
            rows.append(skipped(GROUP, text, monty.reason))
    return rows


def _ours(plan: Plan, box: ringfence.Sandbox, pings: _Pings) -> list[Subject]:
    many = _HOST_CALLS.format(count=plan.host_calls)

    def host_calls() -> list[float]:
        box.run(many).raise_for_status()
        return pings.between()

    return [
        Subject(
            name="call", work=lambda: _expect(box.call("add", 20, 22).value, 42), block=plan.block
        ),
        Subject(name="run", work=lambda: _expect(box.run("1+1").value, 2), block=plan.block),
        Subject(
            name="host call",
            work=host_calls,
            every=max(1, plan.call_rounds // plan.host_turns),
            clocked=True,
        ),
    ]


def _monty_subjects(plan: Plan, session: peers.Session) -> list[Subject]:
    pings = _Pings()
    lookup = {"ping": pings.function()}
    many = _MONTY_CALLS.format(count=plan.host_calls)

    def host_calls() -> list[float]:
        _expect(session.feed_run(many, external_lookup=lookup), 1)
        return pings.between()

    return [
        Subject(
            name="monty run", work=lambda: _expect(session.feed_run("1+1"), 2), block=plan.block
        ),
        Subject(
            name="monty host call",
            work=host_calls,
            every=max(1, plan.call_rounds // plan.host_turns),
            clocked=True,
        ),
    ]


async def _started() -> ringfence.AsyncSandbox:
    box = await ringfence.AsyncSandbox().start()
    (await box.run(_DEFINE)).raise_for_status()
    return box


async def _await_calls(box: ringfence.AsyncSandbox, count: int) -> list[float]:
    clock = time.perf_counter
    seconds = []
    for _ in range(count):
        start = clock()
        result = await box.call("add", 20, 22)
        seconds.append(clock() - start)
        _expect(result.value, 42)
    return seconds
