"""Run the whole suite, in less time than one process after another would take.

It runs in stages, one after another; within a stage, streams of tests run beside each other. What
counts the processes and descriptors that are left, or measures, has a stage to itself. PostgreSQL's
tests come last: a server of theirs makes System V objects, which canaries of attacks see. Whatever
is below ``tests`` and named nowhere here runs beside the levels, which mostly wait for processes of
their own. Arguments go to one pytest, which is then all that runs.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

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
CORPORA = ("tests/attacks/test_corpus_on_evaluators.py", "tests/attacks/test_micro.py")
"""Of the attacks, those that no canary watches: they go where there is time."""
APPS = tuple(sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("apps/*/tests")))


def stages() -> list[list[list[str]]]:
    """What runs: stages, of streams, of arguments of a pytest."""
    named = {*ALONE, *ATTACKS, *QUIET, *LEVELS}
    folders = sorted(path for path in (ROOT / "tests").iterdir() if any(path.rglob("test_*.py")))
    others = [f"tests/{path.name}" for path in folders if f"tests/{path.name}" not in named]
    later = [f"--ignore={path}" for path in DATABASES]
    return [
        [[*ALONE]],
        [[*ATTACKS, *(f"--ignore={path}" for path in CORPORA)], [*QUIET, *later]],
        [[*LEVELS], [*others, *CORPORA, *APPS, *later]],
        [[path for path in DATABASES if (ROOT / path).exists()]],
    ]


def _pytest(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


def _run_beside(streams: Sequence[Sequence[str]]) -> int:
    """Run streams beside each other; what the first says is shown at once, the others' after it."""
    first, *rest = streams
    beside: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = []
    for stream in rest:
        said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, when it was shown
        command = _pytest("-p", "no:cacheprovider", *stream)
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
        beside.append((process, said))
    try:
        status = subprocess.run(_pytest(*first), cwd=ROOT, check=False).returncode
    finally:
        codes = [process.wait() for process, _ in beside]
        for _, said in beside:
            with said:
                said.seek(0)
                sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    return max(status, *codes) if codes else status


def main(arguments: list[str]) -> int:
    """Run it; the exit status is 0 if all of it passed."""
    if arguments:
        return subprocess.run(_pytest(*arguments), cwd=ROOT, check=False).returncode
    return max(_run_beside(stage) for stage in stages())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
