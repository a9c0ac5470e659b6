"""The host's end of a control socket where the system has none of packets: messages in a stream."""

from __future__ import annotations

import socket
import threading

from ringfence._engines.wasi.control import MOST_BYTES, SIZE

__all__ = ["StreamControl"]


class StreamControl:
    """Like a socket of packets that does not block; usable from any thread.

    Args:
        end: the socket, which is this one's from now on.
    """

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._sending, self._reading = threading.RLock(), threading.RLock()
        self._busy = False
        self._unsent = b""
        self._heard = bytearray()

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, message: bytes) -> int:
        """Send a message. If there is room for a part of it, the rest goes before the next one.

        Raises:
            BlockingIOError: it has not read what was sent before; or a handler of a signal comes
                in the middle of a message.
            OSError: it has ended.
        """
        with self._sending:
            if self._busy:
                raise BlockingIOError
            self._busy = True
            try:
                self._send_left()
                self._unsent = SIZE.pack(len(message)) + message
                try:
                    self._send_left()
                except BlockingIOError:
                    if len(self._unsent) == SIZE.size + len(message):
                        self._unsent = b""  # none of it went
                        raise
            finally:
                self._busy = False
        return len(message)

    def _send_left(self) -> None:
        while self._unsent:
            sent = self._socket.send(self._unsent)
            self._unsent = self._unsent[sent:]

    def recv(self, most: int) -> bytes:
        """The next message; nothing if the worker has ended, or says what is no message.

        Args:
            most: at most so many bytes of it; the rest is lost.

        Raises:
            BlockingIOError: there is none, or not all of it.
        """
        with self._reading:
            while (message := self._take()) is None:
                data = self._socket.recv(SIZE.size + MOST_BYTES)
                if not data:
                    return b""
                self._heard += data
        return message[:most]

    def _take(self) -> bytes | None:
        """The message that has come, if all of it is there; nothing if it is no worker's."""
        if len(self._heard) < SIZE.size:
            return None
        (size,) = SIZE.unpack_from(self._heard)
        if not 0 < size <= MOST_BYTES:
            return b""
        if len(self._heard) < SIZE.size + size:
            return None
        message = bytes(self._heard[SIZE.size : SIZE.size + size])
        del self._heard[: SIZE.size + size]
        return message

    def close(self) -> None:
        self._socket.close()
