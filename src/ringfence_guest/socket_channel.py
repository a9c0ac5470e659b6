"""A channel that carries descriptors as well: how the host lends memory."""

from __future__ import annotations

import socket

from ringfence_guest.channel import FdChannel
from ringfence_guest.protocol.messages import MOST_DESCRIPTORS

__all__ = ["SocketChannel"]

_ROOM = socket.CMSG_SPACE(4 * MOST_DESCRIPTORS)
_CLOSE_ON_EXEC = 0x4000_0000  # MSG_CMSG_CLOEXEC of linux/socket.h


class SocketChannel(FdChannel):
    """A UNIX socket, over which the host may lend memory: a request that says so has descriptors
    with it, unix(7).

    Args:
        descriptor: the socket; it is this object's from then on.
        cores: see :class:`FdChannel`.
    """

    __slots__ = ("_descriptors", "_socket")

    def __init__(self, descriptor: int, *, cores: int | None = 1) -> None:
        super().__init__(descriptor, cores=cores)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor)
        self._descriptors: list[int] = []

    def receive(self, buffer: memoryview) -> int:
        self._await()
        size, ancillary, _, _ = self._socket.recvmsg_into((buffer,), _ROOM, _CLOSE_ON_EXEC)
        for _, _, data in ancillary:
            self._descriptors += memoryview(data)[: len(data) // 4 * 4].cast("i")
        return size

    def take_descriptors(self, count: int) -> list[int]:
        taken, self._descriptors = self._descriptors[:count], self._descriptors[count:]
        return taken
