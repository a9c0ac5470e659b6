"""The same script, evaluated by other packages that run scripts with limits or guards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from bench.peers import Missing, from_pypi, monty
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, skipped, timing
from ringfence import blocks
from ringfence.cli.bench.timing import Series, Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "One staircase, beside other ways to run scripts"
NOTE = (
    "A staircase of 100 steps and 300 primitives with parameters of its own, one of a batch, from "
    "numbers in to all its primitives in the host's memory; the script is loaded already. On "
    "`native` every budget is on, there is a jail, and each record was checked. RestrictedPython, "
    "asteval and starlark run in this process, with no budget of steps, memory or time and no "
    "wall; Monty has limits, and is a process. Each is used in the way in which it was quickest: "
    "primitives are calls of a function of the host's, or a list that is returned."
)
_STEPS, _PRIMITIVES = 100, 300
_BLOCK = """
def staircase(steps: int = 12, rise: float = 0.17, run: float = 0.28):
    for i in range(steps):
        x = i * run
        y = i * rise
        line(x, y, x, y + rise)
        line(x, y + rise, x + run, y + rise)
        line(x + run, y + rise, x + run, y)
"""
_CALLING = """
def staircase(steps, rise, run):
    for i in range(steps):
        x = i * run
        y = i * rise
        line(x, y, x, y + rise)
        line(x, y + rise, x + run, y + rise)
        line(x + run, y + rise, x + run, y)
"""
_RETURNING = """
def staircase(steps, rise, run):
    drawn = []
    for i in range(steps):
        x = i * run
        y = i * rise
        drawn.append((x, y, x, y + rise))
        drawn.append((x, y + rise, x + run, y + rise))
        drawn.append((x + run, y + rise, x + run, y))
    return drawn
"""

_Parameters = tuple[int, float, float]
_Evaluate = Callable[[list[_Parameters]], int]


class _Way(NamedTuple):
    """A way to evaluate instances.

    Attributes:
        instances: how many in a batch.
        evaluate: evaluate them; the number of primitives that there are now.
    """

    instances: int
    evaluate: _Evaluate


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, plan.block_rounds)
    makers = {
        "plain Python, no guard": _plain,
        "RestrictedPython": _restricted,
        "Monty, in one round trip": _monty,
        "starlark": _starlark,
        "asteval": _asteval,
    }
    missing: list[Row] = []
    ways: dict[str, _Way] = {}
    with ExitStack() as stack:
        ways["Ringfence, `native`"] = stack.enter_context(_ringfence())
        for name, make in makers.items():
            way = stack.enter_context(make())
            if isinstance(way, Missing):
                missing.append(skipped(GROUP, name, way.reason, subject=False))
            else:
                ways[name] = way
        subjects = [Subject(name=name, work=_work(name, way), warm=1) for name, way in ways.items()]
        found = take_turns(subjects, plan.block_rounds, progress)
    each = {
        name: Series([seconds / way.instances for seconds in found[name].seconds])
        for name, way in ways.items()
    }
    ours = each["Ringfence, `native`"]
    return [
        timing(
            GROUP, name, series, "us", against=None if series is ours else ours,
            to="" if series is ours else "native", subject=series is ours,
        )
        for name, series in each.items()
    ] + missing  # fmt: skip


def _work(name: str, way: _Way) -> Callable[[], None]:
    size = way.instances
    rows = [(_STEPS, 0.1 + 0.1 * n / size, 0.2 + 0.1 * n / size) for n in range(size)]

    def work() -> None:
        if (drawn := way.evaluate(rows)) != size * _PRIMITIVES:
            raise RuntimeError(f"{name} drew {drawn} primitives")

    return work


@contextmanager
def _ringfence() -> Iterator[_Way]:
    with blocks.compile(_BLOCK) as program:

        def evaluate(rows: list[_Parameters]) -> int:
            steps, rises, runs = map(list, zip(*rows, strict=True))
            columns = {"steps": steps, "rise": rises, "run": runs}
            results = program.evaluate(columns, engine="native")
            if not results.ok:
                raise RuntimeError("an instance failed")
            return results.primitives

        yield _Way(1_000, evaluate)


def _calling(function: Callable[..., object], drawn: list[tuple[float, ...]]) -> _Evaluate:
    """Evaluate with a function that calls back for each primitive."""

    def evaluate(rows: list[_Parameters]) -> int:
        drawn.clear()
        for row in rows:
            function(*row)
        return len(drawn)

    return evaluate


def _line(drawn: list[tuple[float, ...]]) -> Callable[[float, float, float, float], None]:
    def line(x1: float, y1: float, x2: float, y2: float) -> None:
        drawn.append((x1, y1, x2, y2))

    return line


@contextmanager
def _plain() -> Iterator[_Way]:
    drawn: list[tuple[float, ...]] = []
    names: dict[str, Any] = {"line": _line(drawn)}
    exec(_CALLING, names)  # noqa: S102 - our own lines, above
    yield _Way(1_000, _calling(names["staircase"], drawn))


@contextmanager
def _restricted() -> Iterator[_Way | Missing]:
    restricted = from_pypi("RestrictedPython")
    guards = from_pypi("RestrictedPython.Guards")
    iterating = from_pypi("RestrictedPython.Eval")
    for module in (restricted, guards, iterating):
        if isinstance(module, Missing):
            yield module
            return
    drawn: list[tuple[float, ...]] = []
    names: dict[str, Any] = {
        "__builtins__": {**guards.safe_builtins, "range": range},
        "_getiter_": iterating.default_guarded_getiter,
        "line": _line(drawn),
    }
    exec(restricted.compile_restricted(_CALLING, "<block>", "exec"), names)  # noqa: S102
    yield _Way(1_000, _calling(names["staircase"], drawn))


@contextmanager
def _asteval() -> Iterator[_Way | Missing]:
    asteval = from_pypi("asteval")
    if isinstance(asteval, Missing):
        yield asteval
        return
    drawn: list[tuple[float, ...]] = []
    interpreter = asteval.Interpreter(use_numpy=False)
    interpreter.symtable["line"] = _line(drawn)
    interpreter(_CALLING)
    yield _Way(20, _calling(interpreter.symtable["staircase"], drawn))


@contextmanager
def _starlark() -> Iterator[_Way | Missing]:
    starlark = from_pypi("starlark")
    if isinstance(starlark, Missing):
        yield starlark
        return
    module = starlark.Module()
    starlark.eval(module, starlark.parse("block", _RETURNING), starlark.Globals.standard())
    frozen = module.freeze()
    yield _Way(50, lambda rows: sum(len(frozen.call("staircase", *row)) for row in rows))


@contextmanager
def _monty() -> Iterator[_Way | Missing]:
    with monty() as peer:
        if isinstance(peer, Missing):
            yield peer
            return
        with peer.session() as session:
            session.feed_run(_RETURNING)

            def evaluate(rows: list[_Parameters]) -> int:
                made = session.feed_run("[staircase(*row) for row in rows]", inputs={"rows": rows})
                return sum(map(len, made))

            yield _Way(200, evaluate)
