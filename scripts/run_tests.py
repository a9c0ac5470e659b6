"""Run the whole suite, in less time than one process after another would take.

Two streams of tests run beside each other: in one, what counts processes and descriptors that are
left, the attacks and their canaries, and hosts with fewer walls; in the other, whatever disturbs
none of them. PostgreSQL's tests come after both, and the apps' beside them: a server of theirs
makes System V objects, which canaries see. A Windows to test on is made before it is used. Whatever
is below ``tests`` and named nowhere here is in the second stream. Arguments go to one pytest, which
is then all that runs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

ROOT = Path(__file__).resolve().parent.parent

LEFT = ("tests/lifecycle", "tests/e2e")
"""What counts what is left behind."""
DATABASES = ("tests/workshop/service", "tests/server/postgresql")
ATTACKS = ("tests/attacks", "tests/conformance")
QUIET = (
    *("tests/unit", "tests/analysis", "tests/docs", "tests/fuzz", "tests/image", "tests/judge"),
    *("tests/plugins", "tests/typing", "tests/workshop"),
)
"""What runs beside what counts."""
LEVELS = ("tests/levels",)
WINDOWS = "tests/levels/test_windows.py"
"""A level that needs what was made before it."""
CORPORA = ("tests/attacks/test_corpus_on_evaluators.py", "tests/attacks/test_micro.py")
"""Of the attacks, those that no canary watches: they are in the second stream."""
REMOTE = ("tests/conformance", "tests/attacks/test_corpus.py", "-k", "remote")
"""What the engine ``remote`` faces, whose guests are those of a service that is started for it."""
APPS = tuple(sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("apps/*/tests")))


@dataclass(frozen=True)
class Tests:
    """One pytest, or another program.

    Attributes:
        arguments: of it.
        environment: beside this process' own.
        program: what is run.
    """

    arguments: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    program: Sequence[str] = ("-m", "pytest")

    def run(self, output: int | None = None) -> int:
        """Run it; its exit status, which is not 0 either where a signal ended it."""
        done = subprocess.run(
            [sys.executable, *self.program, *self.arguments],
            cwd=ROOT,
            env=os.environ | self.environment,
            check=False,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
        )
        return abs(done.returncode)


class Stream(threading.Thread):
    """Tests one after another, beside others; what they say is kept until it is shown.

    Attributes:
        status: the worst exit status.
    """

    def __init__(self, tests: Sequence[Tests]) -> None:
        super().__init__()
        self._tests = tests
        self._said: SimpleQueue[BinaryIO] = SimpleQueue()
        self.status = 0

    def run(self) -> None:
        """Run them."""
        for one in self._tests:
            said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was shown
            self.status = max(self.status, one.run(said.fileno()))
            self._said.put(said)

    def show(self) -> None:
        """Show what those said that have ended, and were not shown yet."""
        while not self._said.empty():
            with self._said.get() as said:
                said.seek(0)
                shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()


def stages() -> list[list[list[Tests]]]:
    """What runs: stages of streams of tests."""
    named = {*LEFT, *ATTACKS, *QUIET, *LEVELS}
    folders = sorted(path for path in (ROOT / "tests").iterdir() if any(path.rglob("test_*.py")))
    others = [f"tests/{path.name}" for path in folders if f"tests/{path.name}" not in named]
    later = [f"--ignore={path}" for path in DATABASES]
    beside = ("-p", "no:cacheprovider")
    engines = {"RINGFENCE_TEST_ENGINES": "remote", "RINGFENCE_REQUIRE_ENGINES": "remote"}
    return [
        [
            [
                Tests(LEFT),
                Tests([*ATTACKS, *(f"--ignore={path}" for path in CORPORA)]),
                Tests([*LEVELS, f"--ignore={WINDOWS}"]),
            ],
            [
                Tests([*beside, *QUIET, *later]),
                Tests((), program=("scripts/windows.py",)),
                Tests([*beside, *REMOTE], engines),
                Tests([*beside, *others, *CORPORA, *later]),
                Tests([*beside, WINDOWS]),
            ],
        ],
        [[Tests(DATABASES)], [Tests([*beside, *APPS])]],
    ]


def run_stage(streams: Sequence[Sequence[Tests]]) -> int:
    """Run streams beside each other; what the first says is shown at once, what the others say when
    one of its tests has ended.
    """
    first, *rest = streams
    beside = [Stream(tests) for tests in rest]
    for stream in beside:
        stream.start()
    status = 0
    for one in first:
        status = max(status, one.run())
        for stream in beside:
            stream.show()
    for stream in beside:
        stream.join()
        stream.show()
    return max([status, *(stream.status for stream in beside)])


def main(arguments: list[str]) -> int:
    """Run it; the exit status is 0 if all of it passed."""
    if arguments:
        return Tests(arguments).run()
    return max(run_stage(stage) for stage in stages())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
