"""``ringfence analyze`` as a user runs it: exact output, exact exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.plugins import Bundle

MANIFEST = """
[plugin]
name = "sample"
version = "1.0.0"
author = "ada"
entry = "sample"
grants = ["files"]

[spec]
name = "worldgen.terrain"
version = "1.0"
"""
CLEAN = """\
imports   math
needs     nothing
asks for  files
read      1 module, 2 lines
verdict   clean: nothing was found that a person has to look at
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ringfence", "analyze", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sample"
    made.mkdir()
    (made / "plugin.toml").write_text(MANIFEST)
    (made / "sample.py").write_text("import math\n")
    return made


def test_a_folder_and_its_bundle_are_the_same(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "sample.bundle"
    packed.write_bytes(Bundle.of_folder(folder).pack())
    for path in (folder, packed):
        done = run(path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("plugin.toml: note RF809: ")
        assert done.stdout.endswith(CLEAN)


def test_a_module_that_does_harm(tmp_path: Path) -> None:
    module = tmp_path / "m.py"
    module.write_text("print('a')\nopen('b')\n")
    done = run(module)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == [
        "m.py:2:1: error RF801: files: open",
        "    take bytes as an argument and return bytes, or ask for the grant `files`",
    ]
    granted = run(module, "--grant", "files")
    assert granted.returncode == 4
    assert "m.py:2:1: warning RF801: files: open" in granted.stdout


def test_hostile_names_are_written_out(tmp_path: Path) -> None:
    module = tmp_path / "m\x1b[2J\u202e.py"
    module.write_text("__import__('\\x1b]0;x\\x07' + 'y')\n")
    done = run(module)
    assert done.returncode == 1
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout


def test_forms_go_to_a_file(folder: Path, tmp_path: Path) -> None:
    (folder / "sample.py").write_text("import socket\n")
    for form in ("json", "sarif"):
        out = tmp_path / f"report.{form}"
        done = run(folder, "--format", form, "--output", out)
        assert (done.returncode, done.stdout) == (1, "")
        assert run(folder, "--format", form).stdout == out.read_text()
        json.loads(out.read_text())


def test_wrong_arguments_are_told(folder: Path, tmp_path: Path) -> None:
    for arguments, told in [
        ([folder, "--format", "xml"], "--format: 'xml' is none of text, json, sarif"),
        ([tmp_path / "none.py"], "cannot be read: No such file"),
        ([tmp_path], "it has no plugin.toml"),
        ([folder, "--output", tmp_path / "no" / "file"], "cannot be written"),
    ]:
        done = run(*arguments)
        assert done.returncode == 2, done
        assert told in done.stderr
        assert done.stdout == ""
