"""The engine ``micro``: short calls of scripts, each with a budget, beside a plain loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, skipped, timing
from ringfence._engines.micro.engine import MicroEngine
from ringfence.cli.bench.timing import Series, Subject, take_turns
from ringfence.model.evaluation import Budget, Calls, Script

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Short calls of scripts"
NOTE = (
    "The engine `micro`, MicroPython in WebAssembly in this process. Every call has a budget of "
    "fuel, memory, frames and time for itself. Calls of a batch are divided by their number. A "
    "staircase is 100 steps of three primitives, six numbers each, packed into records. Beside "
    "them the same function, called by this interpreter in a loop."
)
_CALLS = 10_000
_ONE = 100
_TRIVIAL = "def f(x):\n    return x * 2 + 1"
_STAIRCASE = """
def f(n, rise, run, width):
    for i in range(n):
        x, y = i * run, i * rise
        line(x, y, 0.0, x, y + rise, 0.0)
        line(x, y + rise, 0.0, x + run, y + rise, 0.0)
        line(x, y, width, x, y + rise, width)
    return done()
"""
_PRELUDE = """
__all__ = ["line", "done"]
pack_into, buffer, state = struct.pack_into, records, [0]

def line(a, b, c, d, e, f):
    n = state[0]
    pack_into("<6d", buffer, n * 48, a, b, c, d, e, f)
    state[0] = n + 1

def done():
    n = state[0]
    state[0] = 0
    return n
"""
_BUDGET = Budget(fuel=50_000_000, memory="256KiB", records="64KiB")


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    micro = MicroEngine()
    if not micro.availability().walls:
        return [skipped(GROUP, "`micro`: one call alone", "micro cannot run here", subject=True)]
    progress.begin(GROUP, plan.batches)
    names: dict[str, Any] = {}
    exec(_TRIVIAL, names)  # noqa: S102 - our own line, above
    function, numbers = names["f"], [float(n) for n in range(_CALLS)]
    trivial = micro.compile([Script(source=_TRIVIAL, entry="f")], budget=_BUDGET)
    stairs = micro.compile([Script(source=_STAIRCASE, entry="f")], prelude=_PRELUDE, budget=_BUDGET)
    many = [Calls(columns=[numbers])]
    steps = [Calls(columns=[[100] * _ONE, [0.17] * _ONE, [0.28] * _ONE, [1.2] * _ONE])]

    def alone() -> None:
        for _ in range(_ONE):
            trivial.call(1.0)

    work: dict[str, tuple[Callable[[], object], int]] = {
        "alone": (alone, _ONE),
        "batch": (lambda: trivial.evaluate(many, _BUDGET), _CALLS),
        "fresh": (lambda: trivial.evaluate(_first(many), _BUDGET, state="fresh"), _ONE),
        "stairs": (lambda: stairs.evaluate(steps, _BUDGET, record=48), _ONE),
        "compile": (
            lambda: micro.compile([Script(source=_TRIVIAL, entry="f")], budget=_BUDGET).close(),
            1,
        ),
        "loop": (lambda: list(map(function, numbers)), _CALLS),
    }
    with trivial, stairs:
        if stairs.evaluate(steps, _BUDGET, record=48).records[:48] == b"":
            raise RuntimeError("the staircase has no steps")
        subjects = [Subject(name=name, work=what) for name, (what, _) in work.items()]
        found = take_turns(subjects, plan.batches, progress)
    each = {
        name: Series([seconds / count for seconds in found[name].seconds])
        for name, (_, count) in work.items()
    }
    loop = each["loop"]

    def row(name: str, of: str, unit: str, **options: Any) -> Row:
        return timing(GROUP, f"`micro`: {name}", each[of], unit, **options)

    return [
        row("one call alone", "alone", "us", target=Target(15)),
        row(
            "one call of a batch of 10,000", "batch", "us",
            against=loop, to="plain", target=Target(1.0),
        ),
        row("one call, each from the program as it was loaded", "fresh", "us"),
        row("a staircase of 300 primitives", "stairs", "us"),
        row("a script compiled, in a guest of its own", "compile", "ms"),
        timing(GROUP, "the trivial call in a plain loop", loop, "us", subject=False),
    ]  # fmt: skip


def _first(calls: list[Calls]) -> list[Calls]:
    return [Calls(columns=[calls[0].columns[0][:_ONE]])]
