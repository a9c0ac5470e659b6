"""Every example runs, and prints exactly what its docstring says."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.docs.documents import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def documented_output(path: Path) -> str:
    """What stands below ``Prints::`` in the docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")), clean=False) or ""
    before, heading, after = docstring.partition("\nPrints::\n\n")
    assert before.strip(), f"{path.name} does not say what it shows"
    assert heading, f"{path.name} does not say what it prints"
    return textwrap.dedent(after)


def test_there_are_examples_in_reading_order() -> None:
    numbers = [int(path.name.partition("_")[0]) for path in EXAMPLES]
    assert numbers == list(range(1, 16))


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == documented_output(path)
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []
