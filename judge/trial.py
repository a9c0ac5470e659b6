"""One test module, tried in fresh guests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import ringfence
from judge.exclusions import Exclusion
from judge.inside import PROGRAM
from judge.suite import Suite

__all__ = ["WALL", "Outcome", "try_module"]

WALL = 120.0
"""Seconds that a guest may take. After half of them it begins no new case; the rest goes on in
another one."""

_MOST_GUESTS = 6
_MOST_HANGS = 2
_FIXTURES = ("setUpClass", "setUpModule", "tearDownClass", "tearDownModule")


@dataclass
class Outcome:
    """What became of the cases of one module.

    Attributes:
        module: its name.
        passed: names of cases.
        failed: case -> reason.
        skipped: case -> reason that CPython's own test gives.
        excluded: case -> reason in the list of exclusions; ``*`` is the whole module.
        stale: exclusions of cases that do not exist or pass.
        seconds: that it took.
    """

    module: str
    passed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    seconds: float = 0.0


class _Notes:
    """What a guest has told of its cases."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}
        self.said: dict[str, tuple[str, str]] = {}
        self.running: str | None = None

    def record(self, kind: str, name: str, reason: str) -> None:
        """Lent to the guest."""
        if kind == "found":
            self.found[name] = None
        elif kind == "begin":
            self.running = name
        elif self.said.get(name, ("", ""))[0] != "failed":
            self.said[name] = (kind, reason)

    def settle_fixtures(self) -> None:
        """Give cases that never began what befell the fixture of their class or module."""
        fixtures = {n: s for n, s in self.said.items() if n.startswith(_FIXTURES)}
        for name in self.found:
            if name in self.said:
                continue
            for fixture, said in fixtures.items():
                place = fixture.partition("(")[2].rstrip(")")
                if fixture.startswith("setUpModule") or place.endswith(name.rpartition(".")[0]):
                    self.said[name] = said
        for name, (kind, _) in fixtures.items():
            if kind == "skipped" or name.startswith("setUp"):
                del self.said[name]


def try_module(
    engine: str, suite: Suite, module: str, exclusions: Sequence[Exclusion], wall: float = WALL
) -> Outcome:
    """Run one module in a fresh guest.

    A case that ends its guest, or is running when its time is over, has failed; the others go on
    in another guest, six in all, of which two may run out of time. What is left has failed then.

    Raises:
        ringfence.RingfenceError: the engine cannot run here.
    """
    outcome = Outcome(module)
    whole = [one for one in exclusions if one.covers(module)]
    if whole:
        outcome.excluded["*"] = whole[0].reason
        return outcome
    mine = [one for one in exclusions if not one.whole and fnmatchcase(module, one.module)]
    began = time.monotonic()
    notes = _Notes()
    names = [one.pattern.partition("::")[2] for one in mine if not one.run]
    _run(engine, suite, module, notes, wall, names)
    notes.said.update((name, ("failed", "left out")) for name in names if name in notes.found)
    notes.settle_fixtures()
    for name in notes.found:
        notes.said.setdefault(name, ("failed", "found, and never run"))
    _sort(outcome, notes, mine)
    outcome.seconds = time.monotonic() - began
    return outcome


def _run(
    engine: str,
    suite: Suite,
    module: str,
    notes: _Notes,
    wall: float,
    left_out: Sequence[str],
) -> None:
    files = suite.files(module)
    hangs = 0
    for _ in range(_MOST_GUESTS):
        result = _once(engine, files, module, notes, wall, [*left_out, *notes.said])
        if result.ok:
            if result.value is not True:
                return
            continue
        why = f"{result.status}: {result.error.message if result.error else ''}".strip(": ")[:400]
        if notes.running is None or notes.running in notes.said:
            notes.said[(notes.running and f"after {notes.running}") or "(module)"] = ("failed", why)
            return
        notes.said[notes.running] = ("failed", f"it ended the guest: {why}")
        hangs += result.limit in ("wall", "cpu")
        if hangs == _MOST_HANGS:
            return


def _once(
    engine: str,
    files: dict[str, bytes],
    module: str,
    notes: _Notes,
    seconds: float,
    skip: list[str],
) -> Any:
    size = sum(map(len, files.values()))
    limits = ringfence.Limits(
        wall=seconds,
        cpu=seconds,
        host_wall=seconds,
        calls=1_000_000,
        output="64MiB",
        memory="1GiB",
        threads=256,
        disk=(128 << 20) + size,
        files=5_000,
        value="256MiB",
    )
    notes.running = None
    with ringfence.Sandbox(
        engine=engine, limits=limits, files=files, functions=[notes.record]
    ) as box:
        inputs = {"MODULE": module, "SKIP": skip, "PATIENCE": seconds / 2}
        return box.run(PROGRAM, inputs=inputs, filename="<judge>")


def _sort(outcome: Outcome, notes: _Notes, exclusions: Sequence[Exclusion]) -> None:
    fails: set[str] = set()
    for name, (kind, reason) in notes.said.items():
        by = [one for one in exclusions if one.covers(outcome.module, name)]
        if by and kind == "failed":
            outcome.excluded[name] = by[0].reason
            fails |= {one.pattern for one in by}
        elif kind == "passed":
            outcome.passed.append(name)
        elif kind == "skipped":
            outcome.skipped[name] = reason
        else:
            outcome.failed[name] = reason
    outcome.stale = [one.pattern for one in exclusions if one.pattern not in fails]
