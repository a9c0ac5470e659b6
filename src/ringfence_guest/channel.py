"""The guest's end of its one byte channel."""

from __future__ import annotations

import os
import select
import socket
from typing import Any, Protocol

from ringfence_guest.protocol.messages import MOST_DESCRIPTORS

__all__ = ["FdChannel", "GuestChannel", "SocketChannel"]

_ROOM = socket.CMSG_SPACE(4 * MOST_DESCRIPTORS)
_CLOSE_ON_EXEC = 0x4000_0000  # MSG_CMSG_CLOEXEC of linux/socket.h


class GuestChannel(Protocol):
    """What the guest needs of a channel. All calls block."""

    def fileno(self) -> int | None:
        """A descriptor to poll, or None where there is none."""

    def wait(self, timeout: float | None) -> bool:
        """Wait for something to read; may be interrupted, and then has consumed nothing."""

    def receive(self, buffer: memoryview) -> int:
        """Read at least one byte into ``buffer``; 0 means that the host is gone."""

    def send(self, buffers: list[Any]) -> int:
        """Write some of ``buffers``; returns how many bytes."""

    def take_descriptors(self, count: int) -> list[int]:
        """The next ``count`` descriptors that came, or fewer where they found no room; the caller
        closes them.
        """


class FdChannel:
    """A socket or a pair of pipes."""

    __slots__ = ("_poll", "_read", "_write")

    def __init__(self, read: int, write: int | None = None) -> None:
        self._read = read
        self._write = read if write is None else write
        self._poll = select.poll()
        self._poll.register(read, select.POLLIN)

    def fileno(self) -> int | None:
        return self._read

    def wait(self, timeout: float | None) -> bool:
        return bool(self._poll.poll(None if timeout is None else max(0, timeout * 1000)))

    def receive(self, buffer: memoryview) -> int:
        return os.readv(self._read, [buffer])

    def send(self, buffers: list[Any]) -> int:
        return os.writev(self._write, buffers)

    def take_descriptors(self, count: int) -> list[int]:
        raise ValueError("this channel carries no descriptors")


class SocketChannel(FdChannel):
    """A UNIX socket, over which the host may lend memory: a request that says so has descriptors
    with it, unix(7).
    """

    __slots__ = ("_descriptors", "_socket")

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor)
        self._descriptors: list[int] = []

    def receive(self, buffer: memoryview) -> int:
        size, ancillary, _, _ = self._socket.recvmsg_into((buffer,), _ROOM, _CLOSE_ON_EXEC)
        for _, _, data in ancillary:
            self._descriptors += memoryview(data)[: len(data) // 4 * 4].cast("i")
        return size

    def take_descriptors(self, count: int) -> list[int]:
        taken, self._descriptors = self._descriptors[:count], self._descriptors[count:]
        return taken
