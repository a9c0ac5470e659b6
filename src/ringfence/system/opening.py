"""How files are opened that others may have put there. open(2)."""

from __future__ import annotations

import os

__all__ = ["FLAGS", "FOLDER", "FOLLOWING"]


def _flags(*names: str) -> int:
    return sum(getattr(os, name, 0) for name in names)


FOLLOWING = _flags("O_CLOEXEC", "O_NONBLOCK", "O_NOINHERIT", "O_BINARY")
"""Of those that a system has: nobody waits for what is no file, no child gets it, and bytes are
what they are.
"""

FLAGS = FOLLOWING | _flags("O_NOFOLLOW")
"""The same, and no link is followed."""

FOLDER = os.O_RDONLY | FLAGS | _flags("O_DIRECTORY")
"""The same for a folder, where folders can be opened."""
