"""What a fresh sandbox costs on this machine, beside starting Python, in the same run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

import ringfence

__all__ = ["Cost", "measure"]

_SLOW = 40
_FAST = 400


@dataclass(frozen=True)
class Cost:
    """One row of the table.

    Attributes:
        what: what was done.
        seconds: the median.
        ratio: of the median to that of starting a bare Python.
    """

    what: str
    seconds: float
    ratio: float


def echo(number: int) -> int:
    """The host function that is called."""
    return number


def measure() -> list[Cost]:
    """Measure everything, interleaved, so that a busy machine slows all of it alike."""
    bare = [sys.executable, "-I", "-S", "-c", "pass"]
    program = "def double(x):\n    return 2 * x\ndef loop(n):\n    for i in range(n): echo(i)"
    array = np.zeros(125_000)
    with ringfence.Sandbox(packages=["numpy"], functions=[echo], limits=_LIMITS) as box:
        box.run(program).raise_for_status()
        box.call("loop", 100).raise_for_status()
        slow: dict[str, Callable[[], object]] = {
            "start a bare Python (python -I -S -c pass)": lambda: subprocess.run(bare, check=True),
            "a fresh sandbox, to its first result": lambda: ringfence.run("1 + 1"),
            "the same with NumPy imported": lambda: ringfence.run("1 + 1", packages=["numpy"]),
            "send 1 MB of NumPy array there and back": lambda: box.call("double", array),
        }
        fast: dict[str, Callable[[], object]] = {
            "call a function in a sandbox that runs": lambda: box.call("double", 21),
            "run a line in it": lambda: box.run("1 + 1"),
        }
        times = {**_medians(slow, _SLOW), **_medians(fast, _FAST)}
        times["call a host function from the guest"] = _host_call(box)
    reference = next(iter(times.values()))
    return [Cost(what, seconds, seconds / reference) for what, seconds in times.items()]


_LIMITS = ringfence.Limits(calls=1_000_000)


def _medians(actions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {what: [] for what in actions}
    for number in range(rounds + 1):
        for what, action in actions.items():
            begun = time.perf_counter()
            action()
            if number:  # the first is for warming up
                times[what].append(time.perf_counter() - begun)
    return {what: median(each) for what, each in times.items()}


def _host_call(box: ringfence.Sandbox) -> float:
    """One call of a host function: a turn with many of them, less a turn with none."""
    calls = 100
    rounds = []
    for _ in range(_SLOW):
        begun = time.perf_counter()
        box.call("loop", calls)
        middle = time.perf_counter()
        box.call("loop", 0)
        rounds.append((middle - begun - (time.perf_counter() - middle)) / calls)
    return median(rounds)
