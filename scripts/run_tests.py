"""Run the whole suite, in less time than one process after another would take.

It runs in stages, one after another; within a stage, streams of tests run beside each other. What
counts the processes and descriptors that are left, or measures, has a stage to itself. PostgreSQL's
tests come last, and the apps' beside them: a server of theirs makes System V objects, which
canaries of attacks see. A Windows to test on is made in the stage before it is used. Whatever is
below ``tests`` and named nowhere here runs beside the levels, which mostly wait for processes of
their own. Arguments go to one pytest, which is then all that runs.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ALONE = ("tests/lifecycle", "tests/e2e")
DATABASES = ("tests/workshop/service", "tests/server/postgresql")
ATTACKS = ("tests/attacks", "tests/conformance")
QUIET = (
    *("tests/unit", "tests/analysis", "tests/docs", "tests/fuzz", "tests/image", "tests/judge"),
    *("tests/plugins", "tests/typing", "tests/workshop"),
)
"""What runs beside the attacks."""
LEVELS = ("tests/levels",)
WINDOWS = "tests/levels/test_windows.py"
"""A level that runs where there is time, too."""
CORPORA = ("tests/attacks/test_corpus_on_evaluators.py", "tests/attacks/test_micro.py")
"""Of the attacks, those that no canary watches: they go where there is time."""
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
    """Tests one after another, beside others; what they say is kept.

    Attributes:
        status: the worst exit status.
    """

    def __init__(self, tests: Sequence[Tests]) -> None:
        super().__init__()
        self._tests = tests
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was shown
        self.status = 0

    def run(self) -> None:
        """Run them."""
        for one in self._tests:
            self.status = max(self.status, one.run(self._said.fileno()))

    def show(self) -> None:
        """Wait for them, and show what they said."""
        self.join()
        with self._said as said:
            said.seek(0)
            sys.stdout.buffer.write(said.read())
        sys.stdout.flush()


def stages() -> list[list[list[Tests]]]:
    """What runs: stages of streams of tests."""
    named = {*ALONE, *ATTACKS, *QUIET, *LEVELS}
    folders = sorted(path for path in (ROOT / "tests").iterdir() if any(path.rglob("test_*.py")))
    others = [f"tests/{path.name}" for path in folders if f"tests/{path.name}" not in named]
    later = [f"--ignore={path}" for path in DATABASES]
    beside = ("-p", "no:cacheprovider")
    engines = {"RINGFENCE_TEST_ENGINES": "remote", "RINGFENCE_REQUIRE_ENGINES": "remote"}
    return [
        [[Tests(ALONE)]],
        [
            [Tests([*ATTACKS, *(f"--ignore={path}" for path in CORPORA)])],
            [
                Tests([*beside, *QUIET, *later]),
                Tests([*beside, *REMOTE], engines),
                Tests((), program=("scripts/windows.py",)),
            ],
        ],
        [
            [Tests([*LEVELS, f"--ignore={WINDOWS}"])],
            [Tests([*beside, *others, *CORPORA, *later]), Tests([*beside, WINDOWS])],
        ],
        [[Tests(DATABASES)], [Tests([*beside, *APPS])]],
    ]


def run_stage(streams: Sequence[Sequence[Tests]]) -> int:
    """Run streams beside each other; what the first says is shown at once, the others' after it."""
    first, *rest = streams
    beside = [Stream(tests) for tests in rest]
    for stream in beside:
        stream.start()
    status = max(one.run() for one in first)
    for stream in beside:
        stream.show()
    return max([status, *(stream.status for stream in beside)])


def main(arguments: list[str]) -> int:
    """Run it; the exit status is 0 if all of it passed."""
    if arguments:
        return Tests(arguments).run()
    return max(run_stage(stage) for stage in stages())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
