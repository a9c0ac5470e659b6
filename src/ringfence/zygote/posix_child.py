"""The process of a guest where there are signals, and parents that reap. wait(2), kill(2)."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time

from ringfence.jail.guest_limits import GuestLimits
from ringfence.zygote.endings import Record, ending_of_status
from ringfence.zygote.launch import ZygoteConfig, describe_end, launch

__all__ = ["PosixChild"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.000_5, 0.05  # seconds, between two looks at a process that ends
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss; getrusage(2)


class PosixChild:
    """See :class:`.child.Child` and :func:`.child.start_child`."""

    def __init__(self, config: ZygoteConfig, post: socket.socket) -> None:
        # Who signals it must know that it was not reaped meanwhile: then its pid may be another's.
        self._reaping = threading.RLock()
        self._reaped = False
        self._record: Record | None = None
        self._process = launch(config, post)
        self.pid = self._process.pid

    @property
    def record(self) -> Record | None:
        """None also where another's ``wait`` has taken it."""
        return self._record

    def bound(self, limits: GuestLimits) -> None:
        """It bounds itself, see :mod:`.worker_bounds`."""

    def signal(self, what: int) -> None:
        with self._reaping:
            if not self._reap():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(self.pid, what)

    def await_end(self, timeout: float) -> bool:
        until = time.monotonic() + timeout
        pause = _FIRST_PAUSE
        while not self._reap():
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)
        return True

    def _reap(self) -> bool:
        """Whether it has ended; a handler of a signal may have found out in the middle of this."""
        with self._reaping:
            if self._reaped:
                return True
            try:
                pid, status, used = os.wait4(self.pid, os.WNOHANG)
            except ChildProcessError:
                if not self._reaped:  # somebody else waits for all children of this process
                    self._reaped = True
                    self._process.returncode = 0
                return True
            if not pid:
                return False
            self._reaped = True
            self._process.returncode = os.waitstatus_to_exitcode(status)
            cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss * _RSS_UNIT
            self._record = Record(ending_of_status(status), cpu, memory)
            return True

    def describe_end(self) -> str:
        if not self.await_end(_LONGEST_PAUSE * 20) or self._record is None:
            return "closed its socket"
        return describe_end(self._process)

    def close(self) -> None:
        """Nothing is held."""

    def drop_after_fork(self) -> None:
        self._reaping = threading.RLock()
        self._reaped = True
        self._process.returncode = 0
