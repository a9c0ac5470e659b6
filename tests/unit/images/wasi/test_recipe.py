"""Which keys change with what."""

from __future__ import annotations

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
    elif changed == "reactor":
        (tmp_path / "reactor.c").touch()
        monkeypatch.setattr(recipe, "reactor_folder", lambda: tmp_path)
    else:
        monkeypatch.setattr(recipe, "_STEPS_VERSION", 0)
    after = _keys()
    assert tuple(a != b for a, b in zip(after, before, strict=True)) == expected
