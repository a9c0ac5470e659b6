"""How the process of a guest has ended, as the kernel tells it: :class:`Record`."""

from __future__ import annotations

import os
import signal
from typing import NamedTuple

__all__ = ["Ending", "Record", "ending_of_code", "ending_of_status"]


class Ending(NamedTuple):
    """Why a process is no more.

    Attributes:
        kind: ``"Exit"``, or what ended it, by the name that the system has for it.
        message: the same as a sentence.
        of_cpu: whether it is how a process ends that has used up its processor time.
    """

    kind: str
    message: str
    of_cpu: bool = False


class Record(NamedTuple):
    """The end of a process.

    Attributes:
        ending: why.
        cpu: seconds of processor time that it used.
        memory: the most bytes of it that were resident.
    """

    ending: Ending
    cpu: float
    memory: int


def ending_of_status(status: int) -> Ending:
    """Of a wait status. wait(2)."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return _exit(code)
    name = signal.Signals(-code).name
    return Ending(name, _SIGNALS.get(name, f"the guest was ended by {name}"), name in _OF_CPU)


def ending_of_code(code: int) -> Ending:
    """Of an exit code of Windows, where whoever ends a process chooses it: the kernel takes the
    number of the exception that was not handled, or of the limit of the job.
    """
    code &= 0xFFFF_FFFF
    if code == _JOB_TIME:
        return Ending("ERROR_NOT_ENOUGH_QUOTA", _SIGNALS["SIGKILL"], of_cpu=True)
    if code < _EXCEPTIONS:
        return _exit(code)
    name = _NAMES.get(code, f"0x{code:08X}")
    return Ending(name, f"the guest was ended by {name}: native code crashed")


def _exit(code: int) -> Ending:
    return Ending("Exit", f"the guest process ended with exit code {code}")


_OF_CPU = ("SIGKILL", "SIGXCPU")
"""By which RLIMIT_CPU ends a process, on one system or another."""

_SIGNALS = {
    "SIGSYS": "the guest made a system call that only an attack needs, and was killed by seccomp",
    "SIGSEGV": "the guest was ended by SIGSEGV: native code crashed, or the stack overflowed",
    "SIGKILL": "the guest process was killed from outside, or by the kernel for want of memory",
    "SIGABRT": "the guest process aborted itself",
}

_JOB_TIME = 1816  # ERROR_NOT_ENOUGH_QUOTA, for JOB_OBJECT_LIMIT_PROCESS_TIME

_EXCEPTIONS = 0xC000_0000
"""The least NTSTATUS that is an error."""

_NAMES = {
    0xC000_0005: "STATUS_ACCESS_VIOLATION",
    0xC000_0017: "STATUS_NO_MEMORY",
    0xC000_001D: "STATUS_ILLEGAL_INSTRUCTION",
    0xC000_00FD: "STATUS_STACK_OVERFLOW",
    0xC000_0142: "STATUS_DLL_INIT_FAILED",
    0xC000_0374: "STATUS_HEAP_CORRUPTION",
    0xC000_0409: "STATUS_STACK_BUFFER_OVERRUN",
}
"""Of ntstatus.h, those that end processes."""
