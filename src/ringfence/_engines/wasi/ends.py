"""What a worker reads and writes: a descriptor, or a socket, which on Windows is none."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Protocol

from ringfence.system.pairs import MOST_AT_ONCE

__all__ = ["Descriptor", "End", "Stream"]


class End(Protocol):
    """Blocks until there is something to read, or room."""

    def fileno(self) -> int:
        """What is waited for with ``poll`` or ``select``."""

    def read(self, most: int, /) -> bytes:
        """Some bytes; none: the other end is gone."""

    def read_into(self, buffer: memoryview, /) -> int:
        """The same, to where they belong: how many they are."""

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        """Write some of the bytes: how many."""

    def close(self) -> None:
        """Nothing more is written, for the process ends: what was written is not to end with it, as
        the bytes do on Windows that a process leaves behind.
        """


class Descriptor:
    """An end by its number, which may be open only later.

    Args:
        number: of a pipe, a socket or an eventfd.
    """

    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        return self._number

    def read(self, most: int, /) -> bytes:
        return os.read(self._number, most)

    def read_into(self, buffer: memoryview, /) -> int:
        return os.readv(self._number, (buffer,))

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        return os.write(self._number, data)

    def close(self) -> None:
        """The kernel does it."""


class Stream:
    """An end that is a socket.

    Args:
        end: the socket, which blocks.
    """

    def __init__(self, end: socket.socket) -> None:
        self.fileno = end.fileno
        self.read = end.recv
        self.read_into = end.recv_into
        self._end = end

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        return self._end.send(memoryview(data)[:MOST_AT_ONCE])

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the host is gone
            self._end.shutdown(socket.SHUT_WR)  # not closed: another thread may wait for it
