"""A build that was stopped goes on with the step that it was in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ringfence.errors import ImageNotBuilt
from ringfence.images.commands import Commands
from ringfence.images.debian import Apt
from ringfence.images.wasi import interpreter
from ringfence.images.wasi.interpreter import Interpreter
from ringfence.images.wasi.toolchain import Toolchain

_TOOLS = Toolchain(*(Path(f"/tools/{name}") for name in ("cc", "host-cc", "ar", "ranlib")))


class Recording(Commands):
    """Runs nothing; fails where it is told to."""

    def __init__(self, log: Path) -> None:
        super().__init__(log)
        self.steps: list[str] = []
        self.failing = ""

    def run(self, step: str, command: Iterable[str | Path], **_: Any) -> None:
        if step == self.failing:
            raise ImageNotBuilt(f"{step} failed")
        if step not in self.steps:
            self.steps.append(step)


def test_steps_that_are_done_are_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    commands = Recording(tmp_path / "log")
    monkeypatch.setattr(interpreter, "unpack", lambda archive, source, work: work)
    monkeypatch.setattr(interpreter, "find_build_python", lambda: Path("/usr/bin/python3.13"))
    monkeypatch.setattr(interpreter, "find_tcl", lambda apt, folder: {})
    archives = {name: tmp_path / name for name in ("cpython", "zlib", "sqlite")}
    made = Interpreter(tmp_path / "work", archives, _TOOLS, commands, said.append, Apt(tmp_path))
    commands.failing = "compiling CPython"
    with pytest.raises(ImageNotBuilt):
        made.make()
    assert said == [
        *("unpacking the sources", "compiling SQLite"),
        *("configuring CPython", "compiling CPython"),
    ]
    assert sorted(commands.steps) == ["compiling SQLite", "configuring CPython"]
    said.clear()
    commands.steps.clear()
    commands.failing = ""
    made.make()
    last = ["compiling CPython", "compiling zlib", "compiling SQLite's module"]
    assert said == last == commands.steps
    said.clear()
    made.make()
    assert said == []


def test_without_a_python_of_its_kind_one_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(interpreter, "unpack", lambda archive, source, work: work)
    monkeypatch.setattr(interpreter, "find_build_python", lambda: None)
    monkeypatch.setattr(interpreter, "find_tcl", lambda apt, folder: {})
    archives = {name: tmp_path / name for name in ("cpython", "zlib", "sqlite")}
    commands = Recording(tmp_path / "log")
    Interpreter(tmp_path / "work", archives, _TOOLS, commands, said.append, Apt(tmp_path)).make()
    assert said[:4] == [
        "unpacking the sources",
        "compiling SQLite",
        "building a CPython that helps to build",
        "configuring CPython",
    ]


def test_what_fails_beside_another_step_is_told_and_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    commands = Recording(tmp_path / "log")
    monkeypatch.setattr(interpreter, "unpack", lambda archive, source, work: work)
    monkeypatch.setattr(interpreter, "find_build_python", lambda: Path("/usr/bin/python3.13"))
    monkeypatch.setattr(interpreter, "find_tcl", lambda apt, folder: {})
    archives = {name: tmp_path / name for name in ("cpython", "zlib", "sqlite")}
    made = Interpreter(tmp_path / "work", archives, _TOOLS, commands, said.append, Apt(tmp_path))
    commands.failing = "compiling SQLite"
    with pytest.raises(ImageNotBuilt, match="compiling SQLite failed"):
        made.make()
    said.clear()
    commands.failing = ""
    made.make()
    assert said == ["compiling SQLite", "compiling zlib", "compiling SQLite's module"]
