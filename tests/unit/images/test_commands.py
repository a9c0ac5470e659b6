"""A program of a build that fails says so with the end of its log."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ringfence.errors import ImageNotBuilt
from ringfence.images.commands import Commands


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "log")
    commands.run("greeting", [sys.executable, "-c", "print('hello')"], folder=tmp_path)
    assert (tmp_path / "log").read_text().endswith("hello\n")


def test_a_failure_shows_the_end_of_it(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "log")
    program = "import sys; print(*range(50), sep='\\n'); sys.exit(3)"
    with pytest.raises(ImageNotBuilt) as caught:
        commands.run("counting", [sys.executable, "-c", program], folder=tmp_path)
    name = Path(sys.executable).name
    shown = "\n".join(f"  {number}" for number in range(35, 50))
    assert str(caught.value) == (
        f"counting failed ({name} ended with 3); the whole log is {tmp_path / 'log'}, and ends "
        f"with:\n{shown}"
    )


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImageNotBuilt, match="trying: /no/such: No such file or directory"):
        Commands(tmp_path / "log").run("trying", ["/no/such"], folder=tmp_path)


def test_what_was_set_for_other_builds_is_not_for_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CFLAGS", "-bad")
    monkeypatch.setenv("PYTHONPATH", "/bad")
    program = "import os; print(sorted({'CFLAGS', 'PYTHONPATH', 'GOOD'} & os.environ.keys()))"
    commands = Commands(tmp_path / "log", {"GOOD": "1"})
    commands.run("looking", [sys.executable, "-c", program], folder=tmp_path)
    assert (tmp_path / "log").read_text().endswith("['GOOD']\n")
