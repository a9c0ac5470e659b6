"""A guest that is a process of its own, as the host holds it: a socket, and what is known of it."""

from __future__ import annotations

import array
import os
import socket
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ringfence.engine import Exit, FuelMeter, ResourceUse
from ringfence.system.forks import call_in_forked_children
from ringfence.system.pairs import MOST_AT_ONCE
from ringfence.zygote.signals import CONTINUE, INTERRUPT, KILL, STOP

if TYPE_CHECKING:
    from ringfence.jail.cgroups import CpuShare
    from ringfence.zygote.source import GuestSource
    from ringfence.zygote.vitals import Vitals

__all__ = ["ProcessGuest", "SocketChannel"]

_END_SECONDS = 2.0
_PIECE = 1 << 16  # bytes that are copied to be sent together


class SocketChannel:
    """The host's end of a guest's socket pair. It is only ever read with ``recv_into``, never with
    ``recvmsg``: no descriptor can be received from a guest.
    """

    __slots__ = ("_lent", "_receive", "_send", "_send_all", "_socket")

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._receive = end.recv_into
        by_pieces = not hasattr(end, "sendmsg")  # on Windows
        self._send = self._send_one if by_pieces else end.send
        self._send_all = self._send_some if by_pieces else end.sendmsg
        self._lent: Sequence[int] = ()

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, buffers: list[memoryview]) -> int:
        if self._lent:
            return self._send_lent(buffers)
        return self._send(buffers[0]) if len(buffers) == 1 else self._send_all(buffers)

    def _send_one(self, buffer: memoryview | bytearray) -> int:
        return self._socket.send(buffer[:MOST_AT_ONCE])

    def _send_some(self, buffers: list[memoryview]) -> int:
        """The first of them; small ones as one, for each call that sends may be a packet."""
        first = buffers[0]
        if len(first) >= _PIECE:
            return self._send_one(first)
        joined = bytearray()
        for buffer in buffers:
            joined += buffer[: _PIECE - len(joined)]
        return self._send(joined)

    def receive(self, buffer: memoryview) -> int:
        return self._receive(buffer)

    def lend(self, descriptors: Sequence[int]) -> None:
        # Behind those of a request that could not be sent yet, as its bytes are.
        self._lent = (*self._lent, *descriptors)

    def _send_lent(self, buffers: list[memoryview]) -> int:
        packed = array.array("i", self._lent)
        sent = self._socket.sendmsg(buffers, [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)])
        self._close_lent()
        return sent

    def _close_lent(self) -> None:
        lent, self._lent = self._lent, ()
        for descriptor in lent:
            os.close(descriptor)

    def close(self) -> None:
        self._close_lent()
        self._socket.close()


class ProcessGuest:
    """One process.

    Args:
        zygote: what started it.
        number: the number of the spawn request.
        end: the host's end of the channel.
        share: the cgroup that bounds its CPU share, or None.
    """

    _closed = True

    def __init__(
        self,
        zygote: GuestSource,
        number: int,
        end: socket.socket,
        share: CpuShare | None = None,
    ) -> None:
        self.channel = SocketChannel(end)
        self._zygote = zygote
        self._number = number
        self._share = share
        self._killed = False
        self._vitals: Vitals | None = None
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
        vitals = self._find_vitals()
        return None if vitals is None else vitals.pid

    def _find_vitals(self) -> Vitals | None:
        if self._vitals is None:
            self._vitals = self._zygote.vitals(self._number)
        return self._vitals

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        if how == "interrupt":
            self._signal(INTERRUPT)
        else:
            self._kill()

    def _kill(self) -> None:
        if not self._killed:  # whoever has its pid by the next time is somebody else
            self._killed = True
            if self._vitals is not None:
                self._vitals.yield_to_host()
        self._signal(KILL)

    def _signal(self, what: int) -> None:
        self._zygote.send_signal(self._number, what)

    def pause(self) -> None:
        self._signal(STOP)

    def resume(self) -> None:
        self._signal(CONTINUE)

    # --- what it uses ----------------------------------------------------------------------

    def usage(self) -> ResourceUse:
        if self._closed:
            return ResourceUse(None, None)
        vitals = self._vitals or self._find_vitals()
        return ResourceUse(None, None) if vitals is None else vitals.usage()

    def weight(self) -> int | None:
        vitals = None if self._closed else self._find_vitals()
        return None if vitals is None else vitals.weight()

    # --- its end ---------------------------------------------------------------------------

    def exit(self, timeout: float) -> Exit | None:
        record = self._zygote.exit_record(self._number, timeout)
        if record is None:
            return None
        self._killed = True  # it is reaped
        ending, cpu, memory = record
        of_cpu = ending.of_cpu and self._zygote.cpu_backstop(self._number, cpu)
        return Exit(ending.kind, ending.message, "cpu" if of_cpu else None, cpu, memory)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        _open_guests.discard(self)
        self._kill()
        self.channel.close()
        if self._vitals is not None:
            self._vitals.close()
        if self._share is not None:  # a cgroup can be removed when nothing is in it
            self._zygote.wait_for_end(self._number, _END_SECONDS)
        self._zygote.forget(self._number)
        if self._share is not None:
            self._share.close()

    def drop_after_fork(self) -> None:
        """In a forked child: close the descriptors, leave the guest to the parent."""
        self._closed = True
        self.channel.close()
        if self._vitals is not None:
            self._vitals.close()

    def __del__(self) -> None:
        if not self._closed:
            self.close()


_open_guests: weakref.WeakSet[ProcessGuest] = weakref.WeakSet()


def _drop_all_after_fork() -> None:
    for guest in list(_open_guests):
        guest.drop_after_fork()
    _open_guests.clear()


call_in_forked_children(_drop_all_after_fork)
