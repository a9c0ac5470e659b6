"""Hundreds of WebAssembly guests that end in ten ways, on several threads: the host is as it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ringfence
from ringfence import Limits, Sandbox
from tests.attacks.corpus import Verdict, verdict_of
from tests.support.leaks import Belongings, await_no_orphans
from tests.support.spares import drop_spares

_GUESTS, _THREADS = 600, 4
_LIMITS = Limits(wall=10, cpu=10, memory="32MiB", output=10_000)
_SHORT = Limits(wall=0.05, memory="32MiB")
_LONGER = Limits(
    wall=0.25, memory="32MiB"
)  # so that it has begun to swallow, also on a busy machine
_MOST_GROWTH = 8 << 20

_WIRE = "from ringfence_guest import _host\n_host.send(b'\\xff' * 100)"
_NEST = "value = ()\nfor _ in range(200_000): value = (value,)\n"
ENDS: tuple[tuple[str, str, Limits], ...] = (
    ("ok 1 alive", "1", _LIMITS),
    ("error ZeroDivisionError 'division by zero' alive", "1 / 0", _LIMITS),
    ("limit memory alive", "bytearray(1 << 30)", _LIMITS),
    ("limit output", "while True: print('x' * 1_000)", _LIMITS),
    ("limit wall", "while True: pass", _SHORT),
    (
        "limit wall dead",
        "while True:\n try:\n  while True: pass\n except BaseException: pass",
        _LONGER,
    ),
    ("crashed Exit 'the guest process ended with exit code 3' dead", "import os; os._exit(3)", _LIMITS),
    ("crashed Trap dead", "import os; os.abort()", _LIMITS),
    ("crashed Trap dead", _NEST + "hash(value)", _LIMITS),
    ("crashed Protocol dead", _WIRE, _LIMITS),
)  # fmt: skip
"""What must come, what is run, and under which limits."""


def _resident() -> int:
    """Bytes of this process's own."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) << 10


def _live(engine: str, number: int) -> list[str]:
    """One guest's life; what was wrong with it."""
    wanted, code, limits = ENDS[number % len(ENDS)]
    with Sandbox(engine=engine, limits=_LIMITS) as box:
        own = box.run(f"x = {number}\nx * x").value
        result = box.run(code, limits=_LIMITS.replace(wall=limits.wall))
        got = verdict_of(result)
        said = [] if Verdict.parse(wanted).fits(got) else [f"{wanted}: {got}"]
        if own != number * number:
            said.append(f"{number} squared is {own}")
        if result.alive and box.run("x").value != number:
            said.append(f"guest {number} has lost its variable")
    return said


@pytest.mark.timeout(600)
def test_nothing_is_left_of_hundreds_of_guests(engine: str) -> None:
    if "wasm" not in ringfence.engines()[engine].availability.walls[0]:
        pytest.skip(f"{engine} runs no WebAssembly")
    with Sandbox(engine=engine) as sibling, ThreadPoolExecutor(_THREADS) as pool:
        sibling.run("kept = 'sibling'").raise_for_status()

        def live(numbers: range) -> list[str]:
            return [word for said in pool.map(lambda n: _live(engine, n), numbers) for word in said]

        wrong = live(range(_GUESTS // 4))  # what grows once, such as the heap of four threads
        drop_spares()
        before, grown = Belongings.now(), _resident()
        wrong += live(range(_GUESTS // 4, _GUESTS))
        assert wrong == []
        assert sibling.run("kept").value == "sibling"
        drop_spares()
        assert await_no_orphans(before.processes) == []
        assert Belongings.now().descriptors.keys() == before.descriptors.keys()
        assert _resident() - grown < _MOST_GROWTH
