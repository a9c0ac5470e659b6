"""What ``import ringfence`` costs a program."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, timing
from ringfence.cli.bench.timing import Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Import"
NOTE = (
    "A new process for each figure; the times of imports are taken inside it. Public names load "
    "on first use, so the next two rows are what a program pays that uses "
    "them, and in front of the third is what asyncio alone takes."
)
_TIMED = """
import time
start = time.perf_counter()
{statement}
print(time.perf_counter() - start)
"""


def _process(code: str) -> bytes:
    """Run code as a program would run it: isolated, with its environment's packages."""
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _import(statement: str) -> list[float]:
    return [float(_process(_TIMED.format(statement=statement)))]


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, plan.import_rounds)
    statements = {
        "import ringfence": Target(30),
        "from ringfence import Limits, Policy, Sandbox, run": None,
        "from ringfence import AsyncSandbox": None,
        "import asyncio": None,
    }
    subjects = [
        Subject(name=statement, work=partial(_import, statement), clocked=True, warm=1)
        for statement in statements
    ]
    subjects.append(Subject(name="pass", work=lambda: _process("pass"), warm=1))
    subjects.append(Subject(name="whole", work=lambda: _process("import ringfence"), warm=1))
    found = take_turns(subjects, plan.import_rounds, progress)
    plain = found["pass"]
    to = "pass"
    rows = [
        timing(
            GROUP,
            f"`{statement}`",
            found[statement],
            "ms",
            against=plain,
            to=to,
            target=target,
            subject="ringfence" in statement,
        )
        for statement, target in statements.items()
    ]
    whole = '`python -c "import ringfence"`, whole process'
    rows.append(timing(GROUP, whole, found["whole"], "ms", against=plain, to=to))
    name = '`python -c "pass"`, whole process'
    rows.append(timing(GROUP, name, plain, "ms", subject=False))
    return rows
