"""Wakes processes that are stopped when their host is gone, so that they see it and end.

A process that is stopped does nothing, not even notice that its orders have come to an end. On
Linux the kernel ends it with its host (PR_SET_PDEATHSIG), which no other system does. So there is a
process beside them that is told of each, waits for the host's end, and lets them go on then. On
Windows each is in a job that ends with its host, and there is nothing to do.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence

__all__ = ["Keeper", "make_keeper"]

_WATCH = """
import os, signal, sys
there = set()
for line in sys.stdin:
    (there.add if line[0] == "+" else there.discard)(int(line[1:]))
for pid in there:
    try:
        os.kill(pid, signal.SIGCONT)
    except OSError:
        pass
"""
_END_SECONDS = 10.0


def make_keeper(command: Sequence[str]) -> Keeper | None:
    """See :class:`Keeper`; None where none is needed.

    Raises:
        OSError: as that.
    """
    return None if sys.platform == "win32" else Keeper(command)


class Keeper:
    """Starts that process; usable from any thread.

    Args:
        command: an interpreter and its options, up to ``-c``.

    Raises:
        OSError: there is no such program, or no process for it.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._lock = threading.RLock()
        read, self._end = os.pipe()
        os.set_blocking(self._end, False)  # nobody waits for one that somebody has stopped
        try:
            self._process = subprocess.Popen(
                [*command, "-c", _WATCH],
                stdin=read,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        except BaseException:
            os.close(self._end)
            raise
        finally:
            os.close(read)

    def add(self, pid: int) -> None:
        """There is such a process."""
        self._tell(b"+%d\n" % pid)

    def remove(self, pid: int) -> None:
        """There is none any more."""
        self._tell(b"-%d\n" % pid)

    def _tell(self, line: bytes) -> None:
        with self._lock:
            if self._end >= 0:
                with contextlib.suppress(BrokenPipeError, BlockingIOError):
                    os.write(self._end, line)

    def close(self) -> None:
        """End it; waits until it is reaped. May be called again."""
        with self._lock:
            end, self._end = self._end, -1
        if end < 0:
            return
        os.close(end)
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def drop_after_fork(self) -> None:
        """In a forked child: it is the parent's, whose end it would not see."""
        self._lock = threading.RLock()
        if self._end >= 0:
            os.close(self._end)
            self._end = -1
        self._process.returncode = 0
