"""A fresh jail to its first result: one by one, and as a burst."""

from __future__ import annotations

import sys
import time

import ringfence
from bench import peers
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import BARE, Row, Target, skipped, timing
from ringfence.cli.bench.timing import Series, Subject, take_turns

__all__ = ["BURST", "GROUP", "NOTE", "measure"]

GROUP = "Fresh jail to first result"
NOTE = (
    "The image is booted, there is no pool: each figure is a new process in a new jail, from "
    "`ringfence.run()` to its `Result`. A rest of 3 ms lies between measurements, in which the "
    "guest is forked that stands ready for the next; a burst has no rest, and waits for forks. "
    "Peers start to their first printed result."
)
BURST = "burst"
_REST = 0.003
_TARGET = Target(0.25, of="ratio")
_DOT = "import numpy as np\na = np.ones((8, 8))\nfloat((a @ a)[0, 0])"
_COLD = (
    "import ringfence\n"
    "result = ringfence.run('1+1', packages=['numpy'])\n"
    "assert result.value == 2\n"
    "print(result.value)"
)


def _run(code: str, value: object, packages: tuple[str, ...] = ()) -> None:
    result = ringfence.run(code, packages=packages)
    if result.value != value:
        raise RuntimeError(f"{code!r} gave {result.status} {result.value!r} {result.error}")


def _standard() -> None:
    _run("1+1", 2)


def _numpy() -> None:
    _run("1+1", 2, ("numpy",))


def _numpy_dot() -> None:
    _run(_DOT, 8.0, ("numpy",))


def _cold() -> None:
    peers.expect_two([sys.executable, "-I", "-c", _COLD])


_OURS = (
    ("standard library", _standard, None),
    ("NumPy imported", _numpy, _TARGET),
    ("NumPy imported, first result is a dot product", _numpy_dot, None),
)


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    rows: list[Row] = []
    progress.begin(GROUP, plan.start_rounds + plan.bursts)
    with peers.monty() as monty:
        others = {
            "subprocess + python -I -S": peers.run_python,
            "bubblewrap + python -I -S": peers.bubblewrap("print(1+1)", numpy=False),
            "Monty, a session of a warm worker": monty.fresh
            if isinstance(monty, peers.Monty)
            else monty,
            "subprocess + python, NumPy imported": peers.run_python_numpy,
            "bubblewrap + python, NumPy imported": peers.bubblewrap(peers.NUMPY_CODE, numpy=True),
        }
        subjects = [Subject(name=BARE, work=peers.start_bare)]
        subjects += [Subject(name=name, work=work) for name, work, _ in _OURS]
        for name, work in others.items():
            if not isinstance(work, peers.Missing):
                every = plan.slow_every if "NumPy" in name else 1
                warm = 1 if every > 1 else 3
                subjects.append(Subject(name=name, work=work, every=every, warm=warm))
        cold = Subject(
            name="cold", work=_cold, every=max(1, plan.start_rounds // plan.boots), warm=0
        )
        found = take_turns([*subjects, cold], plan.start_rounds, progress, rest=_REST)
    bare = found[BARE]
    for name, _, target in _OURS:
        rows.append(timing(GROUP, name, found[name], "ms", against=bare, target=target))
    rows += _bursts(plan, progress)
    cold_name = "cold: a new host process imports Ringfence, boots an image with NumPy, runs"
    rows.append(timing(GROUP, cold_name, found["cold"], "ms", against=bare))
    rows.append(timing(GROUP, "bare python -I -S -c pass", bare, "ms", subject=False))
    for name, work in others.items():
        if isinstance(work, peers.Missing):
            rows.append(skipped(GROUP, name, work.reason))
        else:
            rows.append(timing(GROUP, name, found[name], "ms", against=bare, subject=False))
    return rows


def _bursts(plan: Plan, progress: Progress) -> list[Row]:
    """Bursts with NumPy, each between two halves of a burst of the bare interpreter."""
    clock = time.perf_counter
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(plan.bursts):
        for work, count, found in (
            (peers.start_bare, plan.burst // 4, bare),
            (_numpy, plan.burst, ours),
            (peers.start_bare, plan.burst // 4, bare),
        ):
            for _ in range(count):
                start = clock()
                work()
                found.append(clock() - start)
        progress.advance()
    series = Series(ours)
    return [
        timing(
            GROUP,
            f"NumPy imported, {BURST} of {plan.burst} back to back",
            series,
            "ms",
            against=Series(bare),
            target=_TARGET,
            note=f"mean {series.mean * 1e3:.2f} ms; the ratio is to a burst of bare interpreters",
        )
    ]
