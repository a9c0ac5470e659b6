"""Other CPythons on this machine, for ``python=``.

``RINGFENCE_TEST_PYTHONS`` names them (separated by ``:``); without it they are looked for on PATH
and below ``~/.pyenv``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

__all__ = ["SUPPORTED", "find_interpreter"]

SUPPORTED = ((3, 11), (3, 12), (3, 13), (3, 14))


def _candidates() -> list[str]:
    named = os.environ.get("RINGFENCE_TEST_PYTHONS")
    if named is not None:
        return [path for path in named.split(":") if path]
    found = [shutil.which(f"python{major}.{minor}") for major, minor in SUPPORTED]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    below = sorted(map(str, root.glob("*/bin/python3"))) if os.access(root, os.R_OK) else []
    return [sys.executable, *filter(None, found), *below]


def _version(path: str) -> tuple[int, int] | None:
    code = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
    try:
        ran = subprocess.run(
            [path, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
        name, major, minor = ran.stdout.split()
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return (int(major), int(minor)) if name == "cpython" else None


@cache
def _found() -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    for path in _candidates():
        version = _version(path)
        if version is not None:
            found.setdefault(version, path)
    return found


def find_interpreter(version: tuple[int, int]) -> str | None:
    """The path of a CPython of this version, or None if there is none here."""
    return _found().get(version)
