"""Run the whole suite, in less time than one process after another would take.

What measures time, or counts what is left on the machine, runs by itself. The levels, which mostly
wait for processes of their own, then run beside what nothing disturbs. Whatever is below ``tests``
and named nowhere here is of the latter. Arguments go to each pytest; with any, there is one alone.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALONE = ("attacks", "conformance", "e2e", "lifecycle", "workshop/service")
"""In this order: a workshop's PostgreSQL makes System V objects, which canaries of attacks see."""
LEVELS = "levels"
APPS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("apps/*/tests"))
BESIDE = ("tests/attacks/test_corpus_on_evaluators.py", "tests/attacks/test_micro.py")
"""Of those that run by themselves, what neither measures time nor counts what is left elsewhere."""


def _pytest(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


def main(arguments: list[str]) -> int:
    """Run it; the exit status is 0 if all of it passed."""
    if arguments:
        return subprocess.run(_pytest(*arguments), cwd=ROOT, check=False).returncode
    folders = sorted(path for path in (ROOT / "tests").iterdir() if any(path.rglob("test_*.py")))
    others = [f"tests/{path.name}" for path in folders if path.name not in (*ALONE, LEVELS)]
    alone = [f"tests/{name}" for name in ALONE]
    first = subprocess.run(
        _pytest(*alone, *(f"--ignore={path}" for path in BESIDE)), cwd=ROOT, check=False
    )
    with tempfile.TemporaryFile() as said:
        beside = subprocess.Popen(
            _pytest(
                *("-p", "no:cacheprovider", *others, *BESIDE, *APPS),
                *(f"--ignore={path}" for path in alone if path.count("/") > 1),
            ),
            cwd=ROOT,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            last = subprocess.run(_pytest(f"tests/{LEVELS}"), cwd=ROOT, check=False)
        finally:
            status = beside.wait()
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    return max(first.returncode, last.returncode, status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
