"""Block scripts in batches, every budget on, beside the same scripts in this interpreter."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, timing
from ringfence import blocks
from ringfence.cli.bench.timing import Series, Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Blocks"
NOTE = (
    "10,000 staircases with distinct parameters and 300 primitives each, on `native` with every "
    "budget on, and checked by the host; and 200 distinct scripts with 50 instances each, from "
    "their text on. Beside it the same scripts without any budget in this interpreter: "
    '"plain" calls a function that appends a tuple to a list, which is emptied after each '
    'instance; "plain, kept" keeps the tuples of all, as an evaluation keeps its records.'
)
_INSTANCES = 10_000
_STEPS = 100
_SCRIPTS = 200
_SCRIPT = """
def staircase(steps: int = 12, rise: float = 0.17, run: float = 0.28):
    for i in range(steps):
        x = i * run
        y = i * rise
        line(x, y, x, y + rise)
        line(x, y + rise, x + run, y + rise)
        line(x + run, y + rise, x + run, y + {number}.0)
"""
_CHAIN = 1_000
_RAIL = """
def rail(below: Geometry, gap: float = 0.5):
    for kind, color, x1, y1, x2, y2, _, _ in below:
        line(x1, y1 + gap, x2, y2 + gap)
"""
_POST = "def post(height: float = 1.0):\n    line(0, 0, 0, height)\n"
_TRIVIAL = "def trivial(x: float = 1.0):\n    point(x * 2 + 1, 0)\n"

_Plain = Callable[[], None]


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, 3 * plan.block_rounds)
    size = _INSTANCES
    rises = [0.1 + 0.1 * n / size for n in range(size)]
    columns = {"steps": [_STEPS] * size, "rise": rises, "run": rises}
    rows = list(zip(*columns.values(), strict=True))
    plain, kept = _plain([_SCRIPT.format(number=0)], [(0, row) for row in rows])
    with (
        blocks.compile(_SCRIPT.format(number=0)) as program,
        blocks.compile(_TRIVIAL) as trivial,
    ):
        one = [{"rise": 0.2}]
        found = take_turns(
            [
                Subject(name="one", work=_evaluation(program, columns, 1), warm=1),
                Subject(name="two", work=_evaluation(program, columns, 2), warm=1),
                Subject(name="plain", work=plain, warm=1),
                Subject(name="kept", work=kept, warm=1),
                Subject(name="trivial", work=_evaluation(trivial, {"x": rises}, 1), warm=1),
                Subject(name="dirty", work=_evaluation(program, one, 1), block=20, warm=1),
            ],
            plan.block_rounds,
            progress,
        )
    sources = [_SCRIPT.format(number=number) for number in range(_SCRIPTS)]
    each = size // _SCRIPTS
    instances = [(n // each, rows[n]) for n in range(size)]
    named = [(f"b{number}", dict(zip(columns, row, strict=True))) for number, row in instances]

    def library() -> None:
        names = {f"b{number}": source for number, source in enumerate(sources)}
        with blocks.compile_all(names) as many:
            _check(many.evaluate(named, engine="native"))

    plain_library, _ = _plain(sources, instances)
    scripts = take_turns(
        [
            Subject(name="library", work=library, warm=1),
            Subject(name="plain", work=plain_library, warm=1),
        ],
        plan.block_rounds,
        progress,
    )
    models = _models(plan, progress)
    floor, series = found["plain"], found
    amortised = Series([seconds / size for seconds in found["trivial"].seconds])
    return [
        timing(
            GROUP, "10,000 staircases, one guest", series["one"], "ms",
            against=floor, to="plain", target=Target(2.2, "ratio"),
        ),
        timing(
            GROUP, "10,000 staircases, two guests", series["two"], "ms",
            against=floor, to="plain", target=Target(1.5, "ratio"),
        ),
        timing(GROUP, "10,000 staircases, plain", floor, "ms", subject=False),
        timing(
            GROUP, "10,000 staircases, plain, kept", series["kept"], "ms",
            against=floor, to="plain", subject=False,
        ),
        timing(
            GROUP, "200 scripts with 50 instances, from text on", scripts["library"], "ms",
            against=scripts["plain"], to="plain", target=Target(2.2, "ratio"),
        ),
        timing(
            GROUP, "200 scripts with 50 instances, plain", scripts["plain"], "ms", subject=False
        ),
        timing(GROUP, "one of 10,000 trivial blocks", amortised, "us", target=Target(2.0)),
        timing(GROUP, "one instance, again", series["dirty"], "ms", target=Target(2.0)),
        timing(
            GROUP, "a change of one of 10,000 in a model", models["one"], "ms", target=Target(2.0)
        ),
        timing(GROUP, "a change that 1,000 depend on in a chain", models["chain"], "ms"),
    ]  # fmt: skip


def _models(plan: Plan, progress: Progress) -> dict[str, Series]:
    """Changes in a model, each to a value that was not there before."""
    heights = count(1)
    with blocks.compile_all({"post": _POST, "rail": _RAIL}) as program:
        model = blocks.Model([program])
        for n in range(_INSTANCES):
            model.set(f"post{n}", "post", {"height": float(n)})
        below = "post0"
        for n in range(_CHAIN):
            model.set(f"rail{n}", "rail", inputs={"below": below})
            below = f"rail{n}"
        model.evaluate(engine="native")

        def change(name: str, expected: int) -> None:
            model.set(name, "post", {"height": 1.0 / next(heights)})
            if len(model.evaluate(engine="native")) != expected:
                raise RuntimeError("something else was evaluated")

        return take_turns(
            [
                Subject(name="one", work=lambda: change("post77", 1), block=20, warm=1),
                Subject(name="chain", work=lambda: change("post0", _CHAIN + 1), warm=1),
            ],
            plan.block_rounds,
            progress,
        )


def _evaluation(program: blocks.BlockProgram, parameters: Any, guests: int) -> _Plain:
    def work() -> None:
        _check(program.evaluate(parameters, engine="native", guests=guests))

    return work


def _check(results: blocks.Evaluation) -> None:
    if not results.ok:
        raise RuntimeError("an instance failed")


def _plain(
    sources: list[str], instances: list[tuple[int, tuple[Any, ...]]]
) -> tuple[_Plain, _Plain]:
    """The same work without budgets, from the text on: what is drawn is dropped, or kept."""
    drawn: list[tuple[float, ...]] = []

    def line(x1: float, y1: float, x2: float, y2: float, color: int = 0xFF) -> None:
        drawn.append((x1, y1, x2, y2, color))

    def load() -> list[Callable[..., None]]:
        functions = []
        for source in sources:
            names: dict[str, Any] = {"line": line}
            exec(source, names)  # noqa: S102 - our own lines, above
            functions.append(names["staircase"])
        return functions

    def dropping() -> None:
        functions = load()
        for number, row in instances:
            drawn.clear()
            functions[number](*row)
        drawn.clear()

    def keeping() -> None:
        functions = load()
        for number, row in instances:
            functions[number](*row)
        drawn.clear()

    return dropping, keeping
