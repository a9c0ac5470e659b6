"""The programs of a build: found, made, or asked for by name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ringfence.errors import ImageNotBuilt
from ringfence.images.debian import Apt
from ringfence.images.wasi import toolchain
from ringfence.images.wasi.toolchain import Toolchain, find_tcl


def test_the_compiler_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "version", lambda name: "0.1")
    with pytest.raises(ImageNotBuilt) as caught:
        Toolchain.at(tmp_path)
    assert str(caught.value) == (
        "building this image needs the compiler of PyPI's ziglang 0.17.1, which is 0.1 here: "
        "pip install 'ringfence[build]'"
    )


def test_it_drops_what_zig_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "zig"
    fake.write_text("#!/bin/sh\nprintf '%s|' \"$@\"\n")
    fake.chmod(0o700)
    monkeypatch.setattr(toolchain, "find_zig", lambda: fake)
    tools = Toolchain.at(tmp_path / "bin")
    command: list[str | Path] = [tools.cc, "-Wl,--stack-first", "-DA=b c", "-Wl,--no-entry", "x.c"]
    assert subprocess.check_output(command, text=True) == "cc|-target|wasm32-wasi|-DA=b c|x.c|"
    assert subprocess.check_output([tools.ar, "x", "a"], text=True) == "ar|x|a|"


def test_a_system_without_tcl_gets_it_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("apt-get") is None:
        pytest.skip("this system has no apt-get")
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if "tclsh" in name else which(name))
    state = tmp_path / "apt"
    state.mkdir()
    found = find_tcl(Apt(state), tmp_path / "tcl")
    program = next((tmp_path / "tcl" / "usr" / "bin").glob("tclsh8*"))
    script = tmp_path / "script"
    script.write_text("puts [expr 6 * 7]")
    assert subprocess.check_output([program, script], env=found, text=True) == "42\n"


def test_a_system_that_cannot_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(ImageNotBuilt, match="needs tclsh, .*: this system has no apt-get"):
        find_tcl(Apt(tmp_path), tmp_path / "tcl")
