"""Modules that are in sight of the import system and cannot be read: they were not lent.

Without namespaces a guest sees the names in the folders of what it was lent, and Landlock keeps it
from reading the others. CPython would find such a module and fail to open it, where the program
that asked is ready for one that is not there: ``import charset_normalizer`` in a ``try``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

__all__ = ["hide_unreadable_modules"]


class _ReadablePathFinder(PathFinder):
    """Finds what can be read."""

    @classmethod
    def find_spec(
        cls,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        spec = super().find_spec(fullname, path, target)
        # What is below a package lies in its folder, which was lent as a whole or not at all.
        if spec is None or path is not None or not spec.has_location or spec.origin is None:
            return spec
        return spec if _can_be_read(spec.origin) else None


def _can_be_read(path: str) -> bool:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:  # access(2) knows nothing of Landlock
        return False
    except OSError:  # whoever loads it says what is wrong
        return True
    os.close(file)
    return True


def hide_unreadable_modules() -> None:
    """From now on a module that cannot be read is one that is not there."""
    sys.meta_path[:] = [
        _ReadablePathFinder if finder is PathFinder else finder for finder in sys.meta_path
    ]
