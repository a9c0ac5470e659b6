"""The documents, and what may stand in their code blocks.

Every fenced block has a language. ``python`` runs (as a program, or as a session where it starts
with ``>>>``; then the output is compared exactly), block after block in one namespace per document.
``console`` runs too: each line after ``$`` is a command of ours, or curl, and its output is
compared; ``...`` in it stands for anything. A document that names :data:`SERVICE` has a service of
its own, started before its first block. ``text`` and ``json`` show something. Nothing else is allowed, so no block goes unnoticed; one that
cannot run here is preceded by ``<!--- skip: next "reason" -->`` and counted in ``SKIPPED``.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

__all__ = ["DOCUMENTS", "ROOT", "SERVICE", "SHOWN", "fences", "parse"]

ROOT = Path(__file__).resolve().parents[2]
SHOWN = frozenset({"text", "json"})
SERVICE = "http://127.0.0.1:8000"
"""Where a document says that its service is; the one that is started for it is somewhere else."""

DOCUMENTS: tuple[Path, ...] = tuple(
    sorted(
        path
        for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
        if path.name != "CONTRIBUTING.md"  # commands that set up a machine
    )
)

_FENCE = re.compile(r"^ *```(?P<language>[^\n`]*)\n.*?^ *```$", re.MULTILINE | re.DOTALL)


def fences(path: Path) -> list[str]:
    """The languages of all fenced blocks of a document, in order."""
    return [match["language"].strip() for match in _FENCE.finditer(path.read_text("utf-8"))]


def parse(path: Path, service: str | None = None) -> Document:
    """A document whose examples can be evaluated.

    Args:
        path: where it is.
        service: the address of its service, if it has one.
    """
    parsers: list[Callable[[Document], Iterable[Region]]] = [
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
        CodeBlockParser("console", _run_console),
        SkipParser(),
    ]
    sybil = Sybil(parsers, path=str(ROOT))
    if service is None:
        return sybil.parse(path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(path.read_text("utf-8").replace(SERVICE, service), "utf-8")
        return sybil.parse(copy)


def _run_console(example: Example) -> str | None:
    """Run each command of a console block, and compare what it prints and how it ends."""
    for command, expected in _commands(str(example.parsed).splitlines()):
        words = shlex.split(command)
        if words[0] not in ("ringfence", "curl"):
            return f"only commands of ringfence and curl run here: {command}"
        module = [sys.executable, "-m"] if words[0] == "ringfence" else []
        done = subprocess.run(
            [*module, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        )
        got = done.stdout.rstrip("\n")
        if not doctest.OutputChecker().check_output(expected, got, doctest.ELLIPSIS):
            return f"{command}\nexpected:\n{expected}\ngot (status {done.returncode}):\n{got}"
    return None


def _commands(lines: Iterable[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found[-1][0].endswith("\\"):
            command, output = found.pop()
            found.append((command[:-1] + line.lstrip(), output))
        else:
            found[-1][1].append(line)
    return [(command, "\n".join(output).rstrip("\n")) for command, output in found]
