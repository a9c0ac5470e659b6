"""What a process uses, looked at from outside: its processor time and its memory."""

from __future__ import annotations

import mmap
import os
import time
from functools import cache
from typing import Protocol

from ringfence.engine import ResourceUse
from ringfence.jail.profile import SCRATCH

__all__ = ["LinuxVitals", "Vitals", "has_clocks"]

_PAGE = mmap.PAGESIZE
_WEIGHED = b"Pss:", b"SwapPss:"
"""Of /proc/PID/smaps_rollup; proc(5): each page divided by how many map it."""

_NOTHING = ResourceUse(None, None)


def clock_of(pid: int) -> int:
    """The kernel's encoding of "CPU clock of that process"; clock_getcpuclockid(3)."""
    return (~pid << 3) | 2


@cache
def has_clocks() -> bool:
    """Whether this kernel has clocks of other processes."""
    try:
        time.clock_gettime(clock_of(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


class Vitals(Protocol):
    """Of one process; readable while it runs, and from any thread."""

    @property
    def pid(self) -> int:
        """Its number, as this process sees it."""

    def usage(self) -> ResourceUse:
        """What it has used; nothing is known of one that has ended."""

    def weight(self) -> int | None:
        """See :meth:`ringfence.engine.Guest.weight`."""

    def yield_to_host(self) -> None:
        """It is going to be killed: let its end, a millisecond of work for the kernel, wait for a
        moment when the host does not run.
        """

    def close(self) -> None:
        """Give back what is held for looking. May be called again."""


class LinuxVitals:
    """By the process's CPU clock and /proc.

    Args:
        pid: of the process.
        scratch: whether it has a scratch folder of its own, which is memory too.
        before: CPU seconds that are none of the guest's, for the process used them before it
            became one.
    """

    def __init__(self, pid: int, *, scratch: bool = False, before: float = 0.0) -> None:
        self.pid = pid
        self._before = before
        self._clock = clock_of(pid)
        self._scratch = scratch
        self._statm = -1

    def usage(self) -> ResourceUse:
        try:
            cpu = time.clock_gettime(self._clock) - self._before
        except OSError:
            return _NOTHING
        return ResourceUse(cpu, self._resident())

    def _resident(self) -> int | None:
        try:
            if self._statm < 0:
                self._statm = os.open(f"/proc/{self.pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
            return int(os.pread(self._statm, 64, 0).split(None, 2)[1]) * _PAGE
        except (OSError, IndexError):
            return None

    def weight(self) -> int | None:
        place = f"/proc/{self.pid}"
        try:
            with open(f"{place}/smaps_rollup", "rb") as lines:
                pages = sum(int(line.split()[1]) for line in lines if line.startswith(_WEIGHED))
            if not self._scratch:
                return pages << 10
            scratch = os.statvfs(f"{place}/root{SCRATCH}")
        except OSError:  # it has ended, or this user may not look
            return None
        return (pages << 10) + (scratch.f_blocks - scratch.f_bfree) * scratch.f_frsize

    def yield_to_host(self) -> None:
        # A batch process that is woken, be it to die, does not take the processor from the one that
        # woke it. sched(7).
        try:
            os.sched_setscheduler(self.pid, os.SCHED_BATCH, os.sched_param(0))
        except OSError:
            pass  # it has ended; or it dies a little sooner than it might

    def close(self) -> None:
        if self._statm >= 0:
            os.close(self._statm)
            self._statm = -1
