"""The code blocks of the README run, block after block, and print what they show."""

import doctest
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

README = Path(__file__).resolve().parents[1] / "README.md"


def run_console(example: Example) -> str | None:
    """Run each command of a console block, and compare what it prints."""
    for part in str(example.parsed).split("$ ")[1:]:
        command, _, expected = part.partition("\n")
        program, *words = shlex.split(command)
        assert program == "vishwakarma"
        done = subprocess.run(
            [sys.executable, "-c", "from vishwakarma_app.cli import main; main()", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={
                **os.environ,
                "XDG_DATA_HOME": str(Path.cwd() / "share"),
                "COLUMNS": "100",
                "NO_COLOR": "1",
            },
        )
        if done.stdout.rstrip() != expected.rstrip():
            return f"{command}\nexpected:\n{expected}\ngot:\n{done.stdout}"
    return None


def test_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parsers: list[Callable[[Document], Iterable[Region]]] = [
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
        CodeBlockParser("console", run_console),
    ]
    document = Sybil(parsers, path=str(README.parent)).parse(README)
    examples = list(document.examples())
    assert len(examples) >= 4
    for example in examples:
        example.evaluate()
