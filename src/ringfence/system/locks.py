"""A lock that processes of one user take in turn: a file. flock(2), or ``_locking`` on Windows."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["locked"]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes out that ask for the same; they wait. It ends with its process.

    Args:
        path: the file, which is made if it is not there, and stays.

    Raises:
        OSError: it cannot be opened.
    """
    with path.open("w") as file:
        if sys.platform == "win32":
            import msvcrt

            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                except OSError:  # it gives up after ten seconds
                    continue
                break
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
