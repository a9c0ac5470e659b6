"""A batch of short calls in one round trip, beside the same calls in a plain loop."""

from __future__ import annotations

from typing import Any

from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, timing
from ringfence.cli.bench.timing import Series, Subject, take_turns
from ringfence.runtime.evaluator import GuestProgram
from ringfence.runtime.recipe import Recipe

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "A batch of calls"
NOTE = (
    "10,000 calls of a function of two numbers in one round trip, results packed in shared memory, "
    "each call under a deadline of its own; divided by the number of calls. Beside it the same "
    "function called in a loop of this interpreter; what the batch adds is the difference."
)
_CALLS = 10_000
_SOURCE = "def f(x, y):\n    return x * y + 1.0"
_TARGET = Target(3.0)


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, plan.batches)
    names: dict[str, Any] = {}
    exec(_SOURCE, names)  # noqa: S102 - our own line, above
    function = names["f"]
    columns = [[float(n) for n in range(_CALLS)], [2.0] * _CALLS]
    given: dict[str, Any] = dict.fromkeys(
        ("limits", "policy", "files", "python", "modules", "stdin", "trace", "pool")
    )
    recipe = Recipe(engine="auto", functions=(), packages=(), **given)
    with GuestProgram(_SOURCE, "f", recipe) as program:

        def batch() -> None:
            if not program.evaluate(columns, each=1.0).ok:
                raise RuntimeError("a call of the batch failed")

        found = take_turns(
            [
                Subject(name="batch", work=batch),
                Subject(name="loop", work=lambda: list(map(function, *columns))),
            ],
            plan.batches,
            progress,
        )
    batch_, loop = (
        Series([seconds / _CALLS for seconds in found[name].seconds]) for name in ("batch", "loop")
    )
    beyond = Series([max(0.0, seconds - loop.median) for seconds in batch_.seconds])
    return [
        timing(GROUP, "one call of a batch of 10,000", batch_, "us", against=loop, to="plain"),
        timing(GROUP, "of it, beyond the call itself", beyond, "us", target=_TARGET),
        timing(GROUP, "the same call in a plain loop", loop, "us", subject=False),
    ]
