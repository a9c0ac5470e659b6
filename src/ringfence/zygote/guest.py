"""A guest that a zygote forked, as the host holds it: a socket, a pidfd, and what /proc says."""

from __future__ import annotations

import array
import os
import signal
import socket
import time
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ringfence.engine import Exit, FuelMeter, ResourceUse
from ringfence.jail.profile import SCRATCH

if TYPE_CHECKING:
    from ringfence.jail.cgroups import CpuShare
    from ringfence.zygote.process import ZygoteProcess

__all__ = ["ForkedGuest", "SocketChannel"]

_PAGE = os.sysconf("SC_PAGE_SIZE")
_END_SECONDS = 2.0
_WEIGHED = b"Pss:", b"SwapPss:"
"""Of /proc/PID/smaps_rollup; proc(5): each page divided by how many map it."""

_NO_PRIORITY = os.sched_param(0)  # the only one that SCHED_BATCH has


class SocketChannel:
    """The host's end of a guest's socket pair. It is only ever read with ``recv_into``, never with
    ``recvmsg``: no descriptor can be received from a guest.
    """

    __slots__ = ("_lent", "_receive", "_send", "_send_all", "_socket")

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._receive = end.recv_into
        self._send = end.send
        self._send_all = end.sendmsg
        self._lent: Sequence[int] = ()

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, buffers: list[memoryview]) -> int:
        if self._lent:
            return self._send_lent(buffers)
        return self._send(buffers[0]) if len(buffers) == 1 else self._send_all(buffers)

    def receive(self, buffer: memoryview) -> int:
        return self._receive(buffer)

    def lend(self, descriptors: Sequence[int]) -> None:
        # Behind those of a request that could not be sent yet, as its bytes are.
        self._lent = (*self._lent, *descriptors)

    def _send_lent(self, buffers: list[memoryview]) -> int:
        packed = array.array("i", self._lent)
        sent = self._send_all(buffers, [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)])
        self._close_lent()
        return sent

    def _close_lent(self) -> None:
        lent, self._lent = self._lent, ()
        for descriptor in lent:
            os.close(descriptor)

    def close(self) -> None:
        self._close_lent()
        self._socket.close()


class ForkedGuest:
    """One jailed process.

    Args:
        zygote: the process that forked it.
        number: the number of the spawn request.
        end: the host's end of the channel.
        share: the cgroup that bounds its CPU share, or None.
    """

    _closed = True

    def __init__(
        self,
        zygote: ZygoteProcess,
        number: int,
        end: socket.socket,
        share: CpuShare | None = None,
    ) -> None:
        self.channel = SocketChannel(end)
        self._zygote = zygote
        self._number = number
        self._share = share
        self._pid: int | None = None
        self._killed = False
        self._clock: int | None = None
        self._statm = -1
        self._closed = False  # from here on there is something to close
        _open_guests.add(self)

    @property
    def meter(self) -> FuelMeter | None:
        return None

    distance = 0.0

    @property
    def shares_memory(self) -> bool:
        """What maps it asks for its size, by the call that asks about paths as well."""
        return self._zygote.config.profile.paths

    # --- the process -----------------------------------------------------------------------

    def host_pid(self) -> int | None:
        """The guest's pid as this process sees it, or None when it is gone.

        Raises:
            EngineFailure: this process has no descriptor left to find out.
        """
        if self._pid is None:
            pid = self._zygote.host_pid(self._number)
            if pid is None:
                return None
            self._pid = pid
            # The kernel's encoding of "CPU clock of that process"; clock_getcpuclockid(3).
            self._clock = (~pid << 3) | 2
        return self._pid

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        if how == "interrupt":
            self._signal(signal.SIGINT)
        else:
            self._kill()

    def _kill(self) -> None:
        if not self._killed:  # whoever has its pid by the next time is somebody else
            self._killed = True
            self._yield_to_host()
        self._signal(signal.SIGKILL)

    def _signal(self, what: int) -> None:
        self._zygote.send_signal(self._number, what)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    # --- what it uses ----------------------------------------------------------------------

    def usage(self) -> ResourceUse:
        if self._closed or (self._clock is None and self.host_pid() is None):
            return ResourceUse(None, None)
        assert self._clock is not None
        try:
            cpu: float | None = time.clock_gettime(self._clock)
        except OSError:
            return ResourceUse(None, None)
        return ResourceUse(cpu, self._resident())

    def _resident(self) -> int | None:
        try:
            if self._statm < 0:
                self._statm = os.open(f"/proc/{self._pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
            return int(os.pread(self._statm, 64, 0).split(None, 2)[1]) * _PAGE
        except (OSError, IndexError):
            return None

    def weight(self) -> int | None:
        if self._closed or self.host_pid() is None:
            return None
        place = f"/proc/{self._pid}"
        try:
            with open(f"{place}/smaps_rollup", "rb") as lines:
                pages = sum(int(line.split()[1]) for line in lines if line.startswith(_WEIGHED))
            if not self._zygote.config.profile.scratch:
                return pages << 10
            scratch = os.statvfs(f"{place}/root{SCRATCH}")
        except OSError:  # it has ended, or this user may not look
            return None
        return (pages << 10) + (scratch.f_blocks - scratch.f_bfree) * scratch.f_frsize

    # --- its end ---------------------------------------------------------------------------

    def exit(self, timeout: float) -> Exit | None:
        record = self._zygote.exit_record(self._number, timeout)
        if record is None:
            return None
        self._killed = True  # it is reaped
        status, cpu, memory = record
        limit = None
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            message = _SIGNALS.get(name, f"the guest was ended by {name}")
            if name == "SIGKILL" and self._zygote.cpu_backstop(self._number, cpu):
                limit = "cpu"
        else:
            code = os.WEXITSTATUS(status)
            name, message = "Exit", f"the guest process ended with exit code {code}"
        return Exit(name, message, limit, cpu, memory)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        _open_guests.discard(self)
        self._kill()
        self.channel.close()
        if self._statm >= 0:
            os.close(self._statm)
            self._statm = -1
        if self._share is not None:  # a cgroup can be removed when nothing is in it
            self._zygote.wait_for_end(self._number, _END_SECONDS)
        self._zygote.forget(self._number)
        if self._share is not None:
            self._share.close()

    def _yield_to_host(self) -> None:
        """Let the end of the process, a millisecond of work for the kernel, wait for a moment when
        the host does not run: a batch process that is woken, be it to die, does not take the
        processor from the one that woke it. sched(7).
        """
        if self._pid is not None:
            try:
                os.sched_setscheduler(self._pid, os.SCHED_BATCH, _NO_PRIORITY)
            except OSError:
                pass  # it has ended; or it dies a little sooner than it might

    def drop_after_fork(self) -> None:
        """In a forked child: close the descriptors, leave the guest to the parent."""
        self._closed = True
        self.channel.close()
        if self._statm >= 0:
            os.close(self._statm)
            self._statm = -1

    def __del__(self) -> None:
        if not self._closed:
            self.close()


_SIGNALS = {
    "SIGSYS": "the guest made a system call that only an attack needs, and was killed by seccomp",
    "SIGSEGV": "the guest was ended by SIGSEGV: native code crashed, or the stack overflowed",
    "SIGKILL": "the guest process was killed from outside, or by the kernel for want of memory",
    "SIGABRT": "the guest process aborted itself",
}

_open_guests: weakref.WeakSet[ForkedGuest] = weakref.WeakSet()


def _drop_all_after_fork() -> None:
    for guest in list(_open_guests):
        guest.drop_after_fork()
    _open_guests.clear()


os.register_at_fork(after_in_child=_drop_all_after_fork)
