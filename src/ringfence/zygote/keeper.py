"""Wakes processes that are stopped when their host is gone, so that they see it and end.

A process that is stopped does nothing, not even notice that its orders have come to an end. On
Linux the kernel ends it with its host (PR_SET_PDEATHSIG), which no other system does. So there is a
process beside them that waits for the host's end, and lets all in its group go on: kill(2).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

__all__ = ["Keeper"]

_WATCH = "import os,signal;os.read(0,1);os.killpg(0,signal.SIGCONT)"
_END_SECONDS = 10.0


class Keeper:
    """Starts that process.

    Args:
        command: an interpreter and its options, up to ``-c``.

    Attributes:
        group: the process group that is woken.

    Raises:
        OSError: there is no such program, or no process for it.
    """

    def __init__(self, command: Sequence[str]) -> None:
        read, self._end = os.pipe()
        try:
            self._process = subprocess.Popen(
                [*command, "-c", _WATCH],
                stdin=read,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                process_group=0,
            )
        except BaseException:
            os.close(self._end)
            raise
        finally:
            os.close(read)
        self.group = self._process.pid

    def close(self) -> None:
        """End it; waits until it is reaped. May be called again."""
        if self._end < 0:
            return
        os.close(self._end)
        self._end = -1
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def drop_after_fork(self) -> None:
        """In a forked child: it is the parent's, whose end it would not see."""
        if self._end >= 0:
            os.close(self._end)
            self._end = -1
        self._process.returncode = 0
