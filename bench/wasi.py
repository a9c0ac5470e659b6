"""The engine ``wasi``: starts, calls, forks, snapshots, speed and memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import ringfence
from bench import peers
from bench.inside import host_pid
from bench.memory import is_stopped, rollup
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import BARE, Row, Target, skipped, timing
from ringfence.cli.bench.timing import Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "CPython in WebAssembly"
NOTE = (
    "The engine `wasi`, its image booted. A fresh guest is a new worker process, from "
    "`ringfence.run()` to its `Result`; it was forked when the one before had answered, so it is "
    "there after a pause. Calls come in blocks of 20, as in the group of round trips. Speed is "
    "timed by the guest's own clock, beside `native`, run about. An idle guest has run one cell, "
    "and then nothing until the host stopped it. The last rows are what a service for untrusted "
    "Python publishes of itself: 50, 100, 150, 200 and 300 ms."
)
_REST = 0.003
_BURST = 10
_BLOCK = 20
_KEY = bytes(32)
_COUNTED = ringfence.Limits(fuel=1 << 62)
_PRIVATE = "private memory of an idle guest"
_PLAIN = ringfence.Policy(walls=[{"wasm", "process"}])
_MEGABYTE = b"x" * 1_000_000
_DEFINE = """
import time

def g(a):
    return a

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def timed():
    start = time.perf_counter()
    fib(20)
    return time.perf_counter() - start
"""
_JSON = """
import json
text = json.dumps([{"a": i, "b": "x" * 80} for i in range(10_000)])
len(json.loads(text))
"""
_SORT = """
import random
numbers = [random.random() for _ in range(10_000)]
numbers.sort()
"""
_SERVICE = (
    ("load", "None", 50),
    ("print", "print('hello')", 100),
    ("factorial(1000)", "import math; len(str(math.factorial(1000)))", 150),
    ("sort 10,000 numbers", _SORT, 200),
    ("1 MB of JSON, both ways", _JSON, 300),
)


def _echo(number: int) -> int:
    return number


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    availability = ringfence.engines()["wasi"].availability if _is_installed() else None
    if availability is None or not availability.walls:
        return [skipped(GROUP, "fresh guest", "wasi cannot run here", subject=True)]
    progress.begin(GROUP, plan.state_rounds * 3)
    return [
        *_starts(plan, progress),
        *_turns(plan, progress),
        *_service(plan, progress),
        *_idle(plan),
    ]


def _is_installed() -> bool:
    return "wasi" in ringfence.engines()


def _fresh(policy: ringfence.Policy | None) -> None:
    result = ringfence.run("1+1", engine="wasi", policy=policy)
    if result.value != 2:
        raise RuntimeError(f"1+1 gave {result.status} {result.error}")


def _block(work: Callable[[], object], count: int) -> list[float]:
    """The times of some calls without a pause."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def _starts(plan: Plan, progress: Progress) -> list[Row]:
    with ringfence.Sandbox(engine="wasi") as box:
        box.run(_DEFINE).raise_for_status()
        snapshot = box.snapshot(key=_KEY)

        def fork() -> list[float]:
            start = time.perf_counter()
            twin = box.fork()
            taken = time.perf_counter() - start
            twin.close()
            return [taken]

        def thaw() -> list[float]:
            start = time.perf_counter()
            again = ringfence.Sandbox.restore(snapshot, key=_KEY)
            taken = time.perf_counter() - start
            again.close()
            return [taken]

        found = take_turns(
            [
                Subject(name=BARE, work=peers.start_bare),
                Subject(name="jailed", work=partial(_fresh, None)),
                Subject(
                    name="burst", work=partial(_block, partial(_fresh, None), _BURST), clocked=True
                ),
                Subject(name="plain", work=partial(_fresh, _PLAIN)),
                # While this one is measured the next guest of the one above is forked.
                Subject(name="snapshot", work=lambda: box.snapshot(key=_KEY)),
                Subject(name="fork", work=fork, clocked=True),
                Subject(name="thaw", work=thaw, clocked=True),
            ],
            plan.state_rounds,
            progress,
            rest=_REST,
        )
    bare = found[BARE]

    def row(name: str, what: str, target: Target | None = None) -> Row:
        return timing(GROUP, what, found[name], "ms", against=bare, target=target)

    size = len(snapshot) / (1 << 20)
    return [
        row("jailed", "fresh guest, jailed", Target(0.5, of="ratio")),
        row("burst", f"the same, {_BURST} in a row without a pause"),
        row("plain", "fresh guest, without a jail", Target(0.25, of="ratio")),
        row("fork", "`box.fork()` of a small session", Target(12)),
        row("snapshot", "`box.snapshot()` of it"),
        row("thaw", "`Sandbox.restore` of that"),
        Row(
            group=GROUP, name="size of that snapshot", unit="MiB", median=size, p99=size, count=1,
            target=Target(1_000_000 / (1 << 20)),
        ),
        timing(GROUP, "bare python -I -S -c pass", bare, "ms", subject=False),
    ]  # fmt: skip


def _turns(plan: Plan, progress: Progress) -> list[Row]:
    functions = {"echo": _echo}
    with (
        ringfence.Sandbox(engine="wasi", functions=functions) as box,
        ringfence.Sandbox(engine="wasi", limits=_COUNTED) as counted,
        ringfence.Sandbox(engine="native", functions=functions) as native,
    ):
        for one in (box, counted, native):
            one.run(_DEFINE).raise_for_status()

        def host(calls: int = 200) -> list[float]:
            start = time.perf_counter()
            box.run(f"for n in range({calls}): echo(n)").raise_for_status()
            return [(time.perf_counter() - start) / calls]

        def speed(of: ringfence.Sandbox) -> list[float]:
            return [of.call("timed").raise_for_status().value]

        found = take_turns(
            [
                Subject(
                    name="call",
                    work=partial(_block, lambda: box.call("g", 1), _BLOCK),
                    clocked=True,
                ),
                Subject(
                    name="run", work=partial(_block, lambda: box.run("1+1"), _BLOCK), clocked=True
                ),
                Subject(name="host", work=host, clocked=True),
                Subject(name="bytes", work=lambda: box.call("g", _MEGABYTE)),
                Subject(name="fib", work=partial(speed, box), clocked=True),
                Subject(name="counted", work=partial(speed, counted), clocked=True),
                Subject(name="native", work=partial(speed, native), clocked=True),
            ],
            plan.state_rounds,
            progress,
        )
    native_fib = found["native"]
    return [
        timing(GROUP, "`box.call`", found["call"], "us", target=Target(500)),
        timing(GROUP, '`box.run("1+1")`', found["run"], "us"),
        timing(GROUP, "host call, within a turn", found["host"], "us", target=Target(80)),
        timing(GROUP, "1 MB of bytes there and back", found["bytes"], "ms", target=Target(5)),
        timing(GROUP, "fib(20)", found["fib"], "ms", against=native_fib, to="native",
               target=Target(2.5, of="ratio")),
        timing(GROUP, "fib(20), its fuel counted", found["counted"], "ms", against=found["fib"],
               to="uncounted"),
    ]  # fmt: skip


def _service(plan: Plan, progress: Progress) -> list[Row]:
    peaks: dict[str, float] = {}

    def work(name: str, code: str) -> None:
        result = ringfence.run(code, engine="wasi").raise_for_status()
        peaks[name] = max(peaks.get(name, 0.0), (result.usage.memory or 0) / (1 << 20))

    found = take_turns(
        [Subject(name=name, work=partial(work, name, code)) for name, code, _ in _SERVICE],
        plan.state_rounds,
        progress,
        rest=_REST,
    )
    return [
        timing(
            GROUP, f"service: {name}", found[name], "ms", target=Target(limit),
            note=f"{peaks[name]:.0f} MiB resident at the end, the shared image among them",
        )
        for name, _, limit in _SERVICE
    ]  # fmt: skip


def _idle(plan: Plan) -> list[Row]:
    try:
        return _idle_rows(plan)
    except PermissionError:  # a guest's process is nobody's to look at but root's
        return [skipped(GROUP, _PRIVATE, "only root may look at a guest's memory", subject=True)]


def _idle_rows(plan: Plan) -> list[Row]:
    boxes = [ringfence.Sandbox(engine="wasi") for _ in range(plan.boxes)]
    try:
        for box in boxes:
            box.run("x = 1").raise_for_status()
        pids = [host_pid(box) for box in boxes]
        while not all(map(is_stopped, pids)):
            time.sleep(_REST)
        sizes = [rollup(pid) for pid in pids]
    finally:
        for box in boxes:
            box.close()
    return [
        _size(_PRIVATE, [size["Private"] for size in sizes], Target(1)),
        _size("PSS of an idle guest", [size["Pss"] for size in sizes], None),
    ]


def _size(name: str, sizes: Sequence[float], target: Target | None) -> Row:
    return Row(
        group=GROUP, name=name, unit="MiB", median=statistics.median(sizes), p99=max(sizes),
        count=len(sizes), target=target,
    )  # fmt: skip
