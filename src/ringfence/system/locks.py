"""A lock that processes of one user take in turn: a file. flock(2), or ``_locking`` on Windows."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["locked"]

_PAUSE = 0.1  # seconds


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes out that ask for the same; they wait. It ends with its process.

    Args:
        path: the file, which is made if it is not there, and stays.

    Raises:
        OSError: it cannot be opened, or not be locked.
    """
    with path.open("w") as file:
        if sys.platform == "win32":
            import msvcrt

            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                except PermissionError:  # somebody has it; the call that waits heeds no Ctrl-C
                    time.sleep(_PAUSE)
                    continue
                break
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
