"""A warm guest from a pool to its first result."""

from __future__ import annotations

from collections.abc import Callable

import ringfence
from bench import peers
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import BARE, Row, Target, timing
from ringfence.cli.bench.timing import Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "From a warm pool to first result"
NOTE = (
    "A pool of eight guests with NumPy is full when the clock starts: each figure is a guest that "
    "nobody used, from `ringfence.run(pool=…)` to its `Result`. It is replaced before "
    "the next."
)
_SIZE = 8
_REST = 0.003
_TARGET = Target(0.08, of="ratio")
_DOT = "import numpy as np\na = np.ones((8, 8))\nfloat((a @ a)[0, 0])"


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, plan.pool_rounds)
    with ringfence.Pool(_SIZE, packages=["numpy"]) as pool:

        def take(code: str, value: object) -> Callable[[], None]:
            def work() -> None:
                result = ringfence.run(code, pool=pool)
                if result.value != value:
                    raise RuntimeError(f"{code!r} gave {result.status} {result.value!r}")

            return work

        def fill() -> None:
            if not pool.wait(60):
                raise RuntimeError("the pool was not filled in a minute")

        subjects = [
            Subject(name=BARE, work=peers.start_bare, before=fill),
            Subject(name="run", work=take("1+1", 2), before=fill),
            Subject(name="dot", work=take(_DOT, 8.0), before=fill),
        ]
        found = take_turns(subjects, plan.pool_rounds, progress, rest=_REST)
        statistics = pool.statistics()
    if statistics.missed:
        raise RuntimeError(f"{statistics.missed} guests were not from the pool")
    bare = found[BARE]
    return [
        timing(GROUP, "warm, NumPy imported", found["run"], "ms", against=bare, target=_TARGET),
        timing(
            GROUP,
            "warm, NumPy imported, first result is a dot product",
            found["dot"],
            "ms",
            against=bare,
        ),
        timing(GROUP, "bare python -I -S -c pass", bare, "ms", subject=False),
    ]
