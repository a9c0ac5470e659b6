"""A session saved, and restored in a fresh guest."""

from __future__ import annotations

import time

import ringfence
from bench import peers
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import BARE, Row, Target, timing
from ringfence.cli.bench.timing import Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Saved sessions"
NOTE = (
    "A small session: an import, a function, a class with ten instances, a table of a hundred "
    "rows. A restore starts a fresh guest, runs the definitions and loads the data; the image is "
    "booted."
)
_REST = 0.003
_KEY = bytes(32)
_SESSION = """
import math

rows = [{"name": "north", "value": 1.5}, {"name": "south", "value": 4.0}] * 50
totals = {}

def add(name, value):
    totals[name] = totals.get(name, 0) + value

class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

points = [Point(i, math.sqrt(i)) for i in range(10)]
"""


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, plan.state_rounds)
    with ringfence.Sandbox() as box:
        box.run(_SESSION).raise_for_status()
        state = box.save(key=_KEY)

        def first() -> list[float]:
            with ringfence.Sandbox() as fresh:
                fresh.run(_SESSION).raise_for_status()
                start = time.perf_counter()
                fresh.save(key=_KEY)
                return [time.perf_counter() - start]

        def restore() -> list[float]:
            start = time.perf_counter()
            restored = ringfence.Sandbox.restore(state, key=_KEY)
            taken = time.perf_counter() - start
            restored.close()
            return [taken]

        found = take_turns(
            [
                Subject(name=BARE, work=peers.start_bare),
                Subject(name="save", work=lambda: box.save(key=_KEY)),
                Subject(name="first", work=first, clocked=True),
                Subject(name="restore", work=restore, clocked=True),
                Subject(name="variables", work=box.variables),
            ],
            plan.state_rounds,
            progress,
            rest=_REST,
        )
    bare = found[BARE]
    return [
        timing(GROUP, "save", found["save"], "ms", against=bare, target=Target(3)),
        timing(GROUP, "save, the first of a sandbox", found["first"], "ms", against=bare),
        timing(
            GROUP, "restore, with a fresh guest", found["restore"], "ms", against=bare,
            target=Target(6),
        ),
        timing(GROUP, "`box.variables()`", found["variables"], "ms", against=bare),
        timing(GROUP, "bare python -I -S -c pass", bare, "ms", subject=False),
    ]  # fmt: skip
