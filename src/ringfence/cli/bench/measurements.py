"""What is measured: fresh sandboxes and live ones, each in turn with its peers."""

from __future__ import annotations

import importlib.util
import itertools
import time
from collections.abc import Callable
from typing import Protocol

from ringfence.cli.bench import peers
from ringfence.cli.bench.rows import BARE, CALLS, RATE, START, Row
from ringfence.cli.bench.timing import Advancing, Subject, take_turns
from ringfence.errors import EngineFailure
from ringfence.model import Limits, Result
from ringfence.sandbox import Sandbox, run

__all__ = ["Told", "measure"]

_MANY = 1_000_000
_REST = 0.003
_BLOCK = 10
_HOST_CALLS = 200
_SHARES = {START: 0.5, CALLS: 0.25, RATE: 0.25}


class Told(Advancing, Protocol):
    """What is told how far the measuring is."""

    def begin(self, what: str) -> None:
        """``what`` is measured next."""


def measure(seconds: float, told: Told) -> list[Row]:
    """The rows of a run that takes about ``seconds``, and half a second to start an image.

    Raises:
        RingfenceError: a sandbox could not be started, or did not answer what it must.
    """
    rows: list[Row] = []
    for group, work in ((START, _starts), (CALLS, _calls), (RATE, _rates)):
        told.begin(group)
        rows += work(seconds * _SHARES[group], told)
    return rows


def _two(result: Result) -> None:
    """Anything but the right answer would be no measurement."""
    if result.value != 2:
        raise EngineFailure(
            f"a sandbox answered {result.status}, {result.value!r} instead of 2: nothing to measure"
        )


def _starts(seconds: float, told: Told) -> list[Row]:
    ours: dict[str, Callable[[], object]] = {"fresh sandbox": lambda: _two(run("1+1"))}
    left_out: list[Row] = []
    name = "fresh sandbox, NumPy imported"
    if importlib.util.find_spec("numpy") is None:
        left_out.append(Row(group=START, name=name, ours=True, note="NumPy is not installed"))
    else:
        ours[name] = lambda: _two(run("1+1", packages=["numpy"]))
    beside: dict[str, Callable[[], object]] = {
        BARE: peers.start_bare,
        "subprocess + python -I -S": peers.run_python,
    }
    name = "bubblewrap + python -I -S"
    bubblewrap = peers.bubblewrap("print(1+1)", numpy=False)
    if isinstance(bubblewrap, peers.Missing):
        left_out.append(Row(group=START, name=name, ours=False, note=bubblewrap.reason))
    else:
        beside[name] = bubblewrap
    subjects = [Subject(name=name, work=work) for name, work in {**ours, **beside}.items()]
    found = take_turns(subjects, _MANY, told, rest=_REST, seconds=seconds)
    bare = found[BARE]
    rows = [Row.of(START, name, found[name], bare, ours=name in ours) for name in (*ours, *beside)]
    return sorted([*rows, *left_out], key=lambda row: not row.ours)


def _calls(seconds: float, told: Told) -> list[Row]:
    entries: list[float] = []
    clock = time.perf_counter

    def ping(number: int) -> int:
        entries.append(clock())
        return number

    def host_calls() -> list[float]:
        """Seconds from one entry of the host function to the next."""
        entries.clear()
        box.run(f"for number in range({_HOST_CALLS}): ping(number)").raise_for_status()
        return [later - earlier for earlier, later in itertools.pairwise(entries)]

    with Sandbox(functions=[ping], limits=Limits(calls=_MANY)) as box:
        box.run("def add(a, b): return a + b").raise_for_status()
        subjects = [
            Subject(
                name="call of a guest function",
                work=lambda: _two(box.call("add", 1, 1)),
                block=_BLOCK,
            ),
            Subject(name="run of a short cell", work=lambda: _two(box.run("1+1")), block=_BLOCK),
            Subject(name="host call, from the guest and back", work=host_calls, clocked=True),
            Subject(name=BARE, work=peers.start_bare, every=5),
        ]
        found = take_turns(subjects, _MANY, told, seconds=seconds)
    bare = found.pop(BARE)
    return [Row.of(CALLS, name, series, bare, ours=True) for name, series in found.items()]


def _rates(seconds: float, told: Told) -> list[Row]:
    """How many there are in a second when the next one begins as the last one ends.

    In short windows by turns, for a machine that is now quicker and now slower.
    """
    kinds: dict[str, Callable[[], object]] = {
        "fresh sandboxes": lambda: _two(run("1+1")),
        BARE: peers.start_bare,
    }
    window = seconds / 8
    counted = dict.fromkeys(kinds, 0)
    passed = dict.fromkeys(kinds, 0.0)
    for name in [*kinds] * 4:
        begun = time.perf_counter()
        while (elapsed := time.perf_counter() - begun) < window:
            kinds[name]()
            counted[name] += 1
        passed[name] += elapsed
        told.advance()
    rates = {name: counted[name] / passed[name] for name in kinds}
    return [
        Row(
            group=RATE,
            name=name,
            ours=name != BARE,
            unit="/s",
            median=rate,
            count=counted[name],
            ratio=rate / rates[BARE],
        )
        for name, rate in rates.items()
    ]
