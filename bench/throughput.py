"""Fresh sandboxes per second, from two cores."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import ringfence
from bench import peers
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import BARE, Row, Target

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Fresh sandboxes per second, two cores"
NOTE = (
    "Two host processes (or two threads of one) call `ringfence.run()` as fast as they can, held "
    "to two cores together with everything they start, the end of each guest included. Windows of "
    "a second take turns; `p99` is the slowest window."
)
_CREW = 2


def _numpy() -> None:
    ringfence.run("1+1", packages=["numpy"]).raise_for_status()


def _standard() -> None:
    ringfence.run("1+1").raise_for_status()


_WORK: dict[str, Callable[[], None]] = {
    "numpy": _numpy,
    "standard": _standard,
    BARE: peers.start_bare,
}


def _rate(kind: str, seconds: float) -> float:
    """How many per second, for about so many seconds."""
    work, clock = _WORK[kind], time.perf_counter
    count, start = 0, clock()
    until = start + seconds
    while clock() < until:
        work()
        count += 1
    return count / (clock() - start)


def _rate_of_threads(kind: str, seconds: float) -> float:
    rates: list[float] = []
    crew = [
        threading.Thread(target=lambda: rates.append(_rate(kind, seconds))) for _ in range(_CREW)
    ]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if len(rates) != _CREW:
        raise RuntimeError("a thread failed; its traceback is above")
    return sum(rates)


def _serve(orders: Connection) -> None:
    """A host process of the crew: takes (kind, seconds), answers with a rate."""
    for work in _WORK.values():
        work()
    orders.send(0.0)
    while (order := orders.recv()) is not None:
        kind, seconds, threads = order
        orders.send((_rate_of_threads if threads else _rate)(kind, seconds))


@contextmanager
def _two_cores() -> Iterator[None]:
    """Hold this process and what it starts to two cores."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(allowed)[:_CREW]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def _crew() -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")  # a fork would take this process's state along
    ends: list[Connection] = []
    workers = []
    with _two_cores():
        for _ in range(_CREW):
            here, there = context.Pipe()
            worker = context.Process(target=_serve, args=(there,), daemon=True)
            worker.start()
            there.close()
            ends.append(here)
            workers.append(worker)
    try:
        for end in ends:
            end.recv()
        yield ends
    finally:
        for end, worker in zip(ends, workers, strict=True):
            end.send(None)
            worker.join()


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    if sys.platform != "linux":
        raise RuntimeError("throughput is measured on Linux")
    progress.begin(GROUP, plan.windows)
    kinds = (
        ("NumPy imported, two processes", "numpy", False),
        ("NumPy imported, two threads of one process", "numpy", True),
        ("standard library, two processes", "standard", False),
        ("bare python -I -S -c pass, two processes", BARE, False),
    )
    found: dict[str, list[float]] = {name: [] for name, _, _ in kinds}
    with _crew() as ends:
        for _ in range(plan.windows):
            for name, kind, threads in kinds:
                crew = ends[:1] if threads else ends
                for end in crew:
                    end.send((kind, plan.window, threads))
                found[name].append(sum(end.recv() for end in crew))
            progress.advance()
    medians = {name: statistics.median(rates) for name, rates in found.items()}
    bare = medians[kinds[-1][0]]
    return [
        Row(
            group=GROUP,
            name=name,
            subject=kind != BARE,
            unit="/s",
            median=medians[name],
            p99=min(found[name]),
            count=plan.windows,
            ratio=None if kind == BARE else medians[name] / bare,
            to="" if kind == BARE else BARE,
            target=Target(400, least=True) if name == kinds[0][0] else None,
        )
        for name, kind, _ in kinds
    ]
