"""Where a user's own files belong: ``$XDG_CACHE_HOME`` and ``$XDG_STATE_HOME``, where they are set.

Else they are where each system has them. XDG Base Directory Specification; on Windows
``%LOCALAPPDATA%``, which no other user may read.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["cache_folder", "state_folder"]


def cache_folder() -> Path:
    """Where what can be made again is kept.

    Raises:
        RuntimeError: nobody knows where this user's files belong.
    """
    return _chosen("XDG_CACHE_HOME") or _usual("cache", ".cache")


def state_folder() -> Path:
    """Where what cannot be made again is kept.

    Raises:
        RuntimeError: nobody knows where this user's files belong.
    """
    return _chosen("XDG_STATE_HOME") or _usual("state", ".local/state")


def _chosen(variable: str) -> Path | None:
    folder = Path(os.environ.get(variable, ""))
    return folder / "ringfence" if folder.is_absolute() else None  # so the specification


def _usual(name: str, below_home: str) -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        home = Path(local) if local else Path.home() / "AppData" / "Local"
        return home / "ringfence" / name
    return Path.home() / below_home / "ringfence"
