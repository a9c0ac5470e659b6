"""Jobs of Windows: what a process in one may, and that it ends with whoever holds the job.

https://learn.microsoft.com/windows/win32/procthread/job-objects
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from typing import NamedTuple

assert sys.platform == "win32"

__all__ = ["Job", "Used", "continue_process", "stop_process", "used_by_process"]

_EXTENDED = 9  # JobObjectExtendedLimitInformation
_PROCESS_TIME, _ACTIVE_PROCESS, _PROCESS_MEMORY = 0x2, 0x8, 0x100
_DIE_ON_UNHANDLED, _KILL_ON_CLOSE = 0x400, 0x2000
_TICKS = 10_000_000  # of 100 ns in a second

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_native = ctypes.WinDLL("ntdll")


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", wintypes.DWORD),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("active_processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority", wintypes.DWORD),
        ("scheduling", wintypes.DWORD),
    )


class _ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class _MemoryCounters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS."""

    _fields_ = (
        ("size", wintypes.DWORD),
        ("page_faults", wintypes.DWORD),
        ("peak_working_set", ctypes.c_size_t),
        ("working_set", ctypes.c_size_t),
        ("others", ctypes.c_size_t * 6),
    )


_kernel.CreateJobObjectW.restype = wintypes.HANDLE
_kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
_kernel.SetInformationJobObject.argtypes = (
    wintypes.HANDLE,
    ctypes.c_int,
    ctypes.c_void_p,
    wintypes.DWORD,
)
_kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
_kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
_kernel.GetProcessTimes.argtypes = (wintypes.HANDLE, *(ctypes.c_void_p,) * 4)
_kernel.K32GetProcessMemoryInfo.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD)
_native.NtSuspendProcess.argtypes = (wintypes.HANDLE,)
_native.NtSuspendProcess.restype = ctypes.c_int32  # NTSTATUS
_native.NtResumeProcess.argtypes = (wintypes.HANDLE,)
_native.RtlNtStatusToDosError.argtypes = (ctypes.c_int32,)


def _check(done: int) -> None:
    if not done:
        raise ctypes.WinError(ctypes.get_last_error())


class Job:
    """For one process, which starts none by itself, and ends when the job is closed, if only
    because this process has ended.

    It says nothing of the desktop: a job that does is none for the children of a process that is in
    another one itself, as those of many supervisors are.

    Raises:
        OSError: there is none to be had.
    """

    def __init__(self) -> None:
        self._limits = _ExtendedLimits()
        basic = self._limits.basic
        basic.flags = _ACTIVE_PROCESS | _DIE_ON_UNHANDLED | _KILL_ON_CLOSE
        basic.active_processes = 1
        self._handle = _kernel.CreateJobObjectW(None, None)
        _check(self._handle)
        try:
            self._set(self._limits)
        except BaseException:
            self.close()
            raise

    def _set(self, limits: _ExtendedLimits) -> None:
        size = ctypes.sizeof(limits)
        _check(_kernel.SetInformationJobObject(self._handle, _EXTENDED, ctypes.byref(limits), size))

    def take(self, process: int) -> None:
        """Put a process into it.

        Args:
            process: a handle of it.

        Raises:
            OSError: it has ended, or is in a job that admits no other.
        """
        _check(_kernel.AssignProcessToJobObject(self._handle, process))

    def bound(self, *, memory: int, seconds: int) -> None:
        """Hold the process to this from now on.

        Args:
            memory: bytes that it may have committed.
            seconds: of processor time that it may use in all, outside of the kernel.

        Raises:
            OSError: it cannot be.
        """
        self._limits.basic.flags |= _PROCESS_MEMORY | _PROCESS_TIME
        self._limits.basic.process_time = seconds * _TICKS
        self._limits.process_memory = memory
        self._set(self._limits)

    def close(self) -> None:
        """End what is in it. May be called again."""
        handle, self._handle = self._handle, None
        if handle:
            _kernel.CloseHandle(handle)


class Used(NamedTuple):
    """What a process has used: seconds of processor time, and the most bytes in its working set."""

    cpu: float
    memory: int


def used_by_process(process: int) -> Used:
    """Of a process that runs or has ended.

    Args:
        process: a handle of it.

    Raises:
        OSError: it is none.
    """
    times = (ctypes.c_int64 * 4)()  # of creation, of exit, in the kernel, outside
    places = [ctypes.addressof(times) + 8 * index for index in range(4)]
    _check(_kernel.GetProcessTimes(process, *places))
    counters = _MemoryCounters(size=ctypes.sizeof(_MemoryCounters))
    known = _kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size)
    return Used((times[2] + times[3]) / _TICKS, counters.peak_working_set if known else 0)


def stop_process(process: int) -> None:
    """Let nothing of it run. Each call is undone by one of :func:`continue_process`.

    Raises:
        OSError: it runs on, unless it has ended.
    """
    status = _native.NtSuspendProcess(process)
    if status < 0:
        raise ctypes.WinError(_native.RtlNtStatusToDosError(status))


def continue_process(process: int) -> None:
    """Let it run, if nobody else has stopped it."""
    _native.NtResumeProcess(process)
