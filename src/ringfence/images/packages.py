"""Packages kept for engines: checked once, then found by a key, below the user's cache folder.

Every file is hashed again when it is found; see :mod:`ringfence.images.cache`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ringfence.errors import ImageNotUsable
from ringfence.images.cache import ImageCache

__all__ = ["keep_file", "keep_tree"]

_TREE = "files"
_FILE = "archive"


def keep_tree(key: str, files: Mapping[str, bytes]) -> Path:
    """A folder with these files and nothing else, to be shown to guests.

    Raises:
        ImageNotUsable: the cache is open to others, or cannot be made.
        EngineFailure: the disk is full.
    """
    below = {f"{_TREE}/{name}": data for name, data in files.items()}
    return _keep("packages-tree", key, lambda: below, readable=True) / _TREE


def keep_file(key: str, make: Callable[[], bytes]) -> Path:
    """One file; made if it is not there.

    Raises:
        ImageNotUsable: the cache is open to others, or cannot be made.
        EngineFailure: the disk is full.
    """
    return _keep("packages-file", key, lambda: {_FILE: make()}, readable=False) / _FILE


def _keep(kind: str, key: str, make: Callable[[], Mapping[str, bytes]], *, readable: bool) -> Path:
    cache = ImageCache()
    cache.make_private("images", kind)
    # So few locks that their files may stay, so many that making one set rarely waits for another.
    with cache.locked(f"{kind}-{key[:2]}"):
        try:
            found = cache.find(kind, key)
        except ImageNotUsable:  # damaged: the folders above were looked at before
            found = None
        return found or cache.publish(kind, key, make(), readable=readable)
