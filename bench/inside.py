"""What a bench may ask about a guest's process that callers of Ringfence need not know."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import NamedTuple

import ringfence
from ringfence.zygote.guest import ProcessGuest

__all__ = ["Cost", "cost_of", "host_pid", "own_cost", "parent_of", "state_of"]

_STATE, _PARENT, _MINOR_FAULTS = 0, 1, 7  # fields after the name in parentheses; proc(5)


class Cost(NamedTuple):
    """What a process has used: CPU seconds, and page faults that needed no disk."""

    cpu: float
    faults: int

    def since(self, earlier: Cost) -> Cost:
        """The difference."""
        return Cost(self.cpu - earlier.cpu, self.faults - earlier.faults)


def host_pid(box: ringfence.Sandbox) -> int:
    """The pid of a native guest, as this process sees it; waits until it is forked."""
    session = box._session  # there is no public name for a pid, on purpose
    guest = None if session is None else session.guest
    if not isinstance(guest, ProcessGuest):
        raise RuntimeError("the sandbox has no native guest")  # noqa: TRY004  not an argument
    pid = guest.host_pid()
    if pid is None:
        raise RuntimeError("the guest is gone")
    return pid


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def parent_of(pid: int) -> int:
    """The pid of the parent."""
    return int(_stat(pid)[_PARENT])


def state_of(pid: int) -> str:
    """``S`` asleep, ``R`` running, …"""
    return _stat(pid)[_STATE]


def own_cost() -> Cost:
    """What this thread has used so far; reading it costs a microsecond or two."""
    return Cost(time.thread_time(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt)


def cost_of(pid: int) -> Cost:
    """What another process has used so far."""
    # The kernel's encoding of "CPU clock of that process"; clock_getcpuclockid(3).
    return Cost(time.clock_gettime((~pid << 3) | 2), int(_stat(pid)[_MINOR_FAULTS]))
