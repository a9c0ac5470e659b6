"""Which keys change with what."""

from __future__ import annotations

import mmap
import platform
from pathlib import Path

import pytest

from ringfence.images.wasi import recipe


def _keys() -> tuple[str, str, str]:
    return recipe.interpreter_key(), recipe.module_key(), recipe.image_key()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("machine", (False, False, True)),
        ("compiler", (False, False, True)),
        ("guest", (False, True, True)),
        ("reactor", (False, True, True)),
        ("worker", (False, True, True)),
        ("steps", (True, True, True)),
    ],
)
def test_what_a_change_concerns(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changed: str,
    expected: tuple[bool, bool, bool],
) -> None:
    before = _keys()
    assert _keys() == before
    if changed == "machine":
        monkeypatch.setattr(platform, "machine", lambda: "another")
    elif changed == "compiler":
        monkeypatch.setattr(recipe, "compiler_key", lambda: "another")
    elif changed == "guest":
        monkeypatch.setattr(recipe, "guest_files", lambda: {"ringfence_guest/agent.py": b""})
    elif changed in ("reactor", "worker"):
        (tmp_path / f"{changed}.c").touch()
        monkeypatch.setattr(recipe, f"{changed}_folder", lambda: tmp_path)
    else:
        monkeypatch.setattr(recipe, "_STEPS_VERSION", 0)
    after = _keys()
    assert tuple(a != b for a, b in zip(after, before, strict=True)) == expected


@pytest.mark.parametrize(
    ("system", "machine", "page", "expected"),
    [
        ("Linux", "x86_64", 4096, "worker-x86_64.so"),
        ("Linux", "aarch64", 4096, "worker-aarch64.so"),
        ("Linux", "aarch64", 65536, None),
        ("Linux", "riscv64", 4096, None),
        ("Darwin", "x86_64", 4096, None),
    ],
)
def test_for_whom_there_is_a_workers_code(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, page: int, expected: str | None
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(mmap, "PAGESIZE", page)
    assert recipe.worker_file() == expected
