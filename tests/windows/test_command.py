"""The command line on Windows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.windows.wine import UNDER_WINE


def _ringfence(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ringfence", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_a_program_is_run_and_what_it_left_is_kept(tmp_path: Path) -> None:
    script, out = tmp_path / "script.py", tmp_path / "out"
    script.write_text("print('said')\nn = open('left.txt', 'w').write('left')\n", encoding="utf-8")
    done = _ringfence("run", str(script), "--out", str(out))
    assert (done.returncode, done.stdout) == (0, "said\n"), done.stderr
    assert (out / "left.txt").read_text() == "left"


def test_engines_are_told() -> None:
    done = _ringfence("engines", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "wasi" in json.dumps(told)


@pytest.mark.timeout(600)
def test_the_walls_are_witnessed() -> None:
    """All of them on Windows. Wine does not tell what other processes compute, by which the guest's is
    found among them.
    """
    done = _ringfence("doctor", "--engine", "wasi", "--json")
    (stand,) = json.loads(done.stdout)["engines"]["wasi"]["stands"]
    seen = {one["claim"]: one["seen"] for one in stand["witnesses"] if one["verdict"] == "fell"}
    untold = {"run in the host's process": "no process of the guest can be found"}
    assert seen == (untold if UNDER_WINE else {})
    assert len(stand["witnesses"]) > 20


@pytest.mark.parametrize("command", ["serve", "workshop", "mcp", "keys", "bench"])
def test_what_is_not_for_windows_says_so(command: str) -> None:
    done = _ringfence(command, "--help")
    assert done.returncode == 3
    assert "is not for Windows" in done.stderr
    assert "Traceback" not in done.stderr
