"""How fast code runs once it runs: the same source in the jail and in an unjailed process."""

from __future__ import annotations

import importlib.util
from functools import partial

import ringfence
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, skipped, timing
from bench.unjailed import Unjailed
from ringfence.cli.bench.timing import Series, Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Speed inside the jail"
NOTE = (
    "The same source in a guest and in a plain process of the same interpreter, each timed by its "
    "own clock, run about; BLAS has one thread on both sides."
)
_TARGET = Target(1.03, of="ratio")
_SOURCE = """
import time
import numpy as np

_random = np.random.default_rng(7)
_a, _b = _random.random((2, 600, 600))
_many = _random.random(8_000_000)
_some = _random.random(1_000_000)


def _timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def matmul():
    return _timed(lambda: _a @ _b)


def total():
    return _timed(_many.sum)


def sort():
    return _timed(lambda: np.sort(_some))


def _loop():
    total = 0
    for number in range(1_000_000):
        total += number & 7
    return total


def loop():
    return _timed(_loop)
"""
_KERNELS = {
    "matmul": ("NumPy: 600 by 600 matrix product", _TARGET),
    "total": ("NumPy: sum of 8 million floats", _TARGET),
    "sort": ("NumPy: sort of a million floats", _TARGET),
    "loop": ("Python: a loop of a million steps", None),
}


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    if importlib.util.find_spec("numpy") is None:
        return [skipped(GROUP, "NumPy", "NumPy is not installed", subject=True)]
    progress.begin(GROUP, plan.speed_rounds)
    with ringfence.Sandbox(packages=["numpy"]) as box, Unjailed() as process:
        box.run(_SOURCE).raise_for_status()
        process.define(_SOURCE)

        def inside(name: str) -> list[float]:
            result = box.call(name)
            result.raise_for_status()
            return [result.value]

        def outside(name: str) -> list[float]:
            return [process.call(name)]

        subjects = [
            subject
            for name in _KERNELS
            for subject in (
                Subject(name=f"{name} in", work=partial(inside, name), clocked=True, warm=1),
                Subject(name=f"{name} out", work=partial(outside, name), clocked=True, warm=1),
            )
        ]
        found = take_turns(subjects, plan.speed_rounds, progress)
    return [
        row
        for name, (text, target) in _KERNELS.items()
        for row in _pair(text, found[f"{name} in"], found[f"{name} out"], target)
    ]


def _pair(text: str, inside: Series, outside: Series, target: Target | None) -> list[Row]:
    to = "unjailed"
    return [
        timing(GROUP, text, inside, "ms", against=outside, to=to, target=target),
        timing(GROUP, f"{text}, unjailed", outside, "ms", subject=False),
    ]
