"""``ringfence analyze`` as a user runs it: exact output, exact exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ringfence.cli.analyze import analyze_path
from ringfence.errors import ConfigurationError
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


Print = Callable[..., tuple[int, str]]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Print:
    """What the command does in a process of its own, here: starting one takes most of a second."""

    def call(
        path: Path, form: str = "text", output: Path | None = None, grants: Iterable[str] = ()
    ) -> tuple[int, str]:
        capsys.readouterr()
        status = analyze_path(str(path), form, None if output is None else str(output), (), grants)
        return status, capsys.readouterr().out

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sample"
    made.mkdir()
    (made / "plugin.toml").write_text(MANIFEST)
    (made / "sample.py").write_text("import math\n")
    return made


def test_a_folder_and_its_bundle_are_the_same(folder: Path, tmp_path: Path, printed: Print) -> None:
    packed = tmp_path / "sample.bundle"
    packed.write_bytes(Bundle.of_folder(folder).pack())
    for path in (folder, packed):
        status, out = printed(path)
        assert status == 0
        assert out.startswith("plugin.toml: note RF809: ")
        assert out.endswith(CLEAN)


def test_a_module_that_does_harm(tmp_path: Path, printed: Print) -> None:
    module = tmp_path / "m.py"
    module.write_text("print('a')\nopen('b')\n")
    done = run(module)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == [
        "m.py:2:1: error RF801: files: open",
        "    take bytes as an argument and return bytes, or ask for the grant `files`",
    ]
    status, out = printed(module, grants=["files"])
    assert status == 4
    assert "m.py:2:1: warning RF801: files: open" in out


def test_hostile_names_are_written_out(tmp_path: Path, printed: Print) -> None:
    module = tmp_path / "m\x1b[2J\u202e.py"
    module.write_text("__import__('\\x1b]0;x\\x07' + 'y')\n")
    status, out = printed(module)
    assert status == 1
    assert out.isascii()
    assert "\x1b" not in out


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_forms_go_to_a_file(folder: Path, tmp_path: Path, printed: Print, form: str) -> None:
    (folder / "sample.py").write_text("import socket\n")
    out = tmp_path / "report"
    assert printed(folder, form, out) == (1, "")
    assert printed(folder, form) == (1, out.read_text())
    json.loads(out.read_text())


def test_a_wrong_argument_is_told_in_words(folder: Path) -> None:
    done = run(folder, "--format", "xml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ringfence: --format: 'xml' is none of text, json, sarif\n"


def test_what_is_no_plugin_is_told(folder: Path, tmp_path: Path, printed: Print) -> None:
    for path, output, told in [
        (tmp_path / "none.py", None, "cannot be read: No such file"),
        (tmp_path / "none", None, "cannot be read: No such file"),
        (tmp_path, None, "it has no plugin.toml"),
        (folder, tmp_path / "no" / "file", "cannot be written"),
        (Path("/dev/null"), None, "is no file"),
    ]:
        with pytest.raises(ConfigurationError, match=told):
            printed(path, output=output)
