"""Long byte streams, as the guest sees them: ordinary binary files with credits underneath."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from ringfence_guest.link import Link
from ringfence_guest.protocol.framing import Frame

__all__ = ["open_stream"]

_WINDOW = 1 << 20
_BUFFER = 1 << 18


class _StreamReader(io.RawIOBase):
    """Bytes that the host has; asks for at most 1 MiB at a time."""

    def __init__(self, link: Link, number: int) -> None:
        super().__init__()
        self._link = link
        self._number = number
        self._data = memoryview(b"")
        self._ended = False
        self._lost = False  # bytes that came and found no memory
        self._asked = False
        link.streams[number] = self._on_frame

    def readable(self) -> bool:
        return True

    def _on_frame(self, frame: Frame) -> None:
        self._asked = False
        self._ended = frame.header["eof"]
        try:
            self._data = memoryview(frame.blob)
        except MemoryError:
            self._lost = True

    def readinto(self, buffer: Any) -> int:
        if not (self._data or self._ended or self._lost):
            _require_turn(self._link, self._number, self._on_frame)
            if not self._asked:
                self._asked = True
                self._link.before_wait()
                self._link.send(
                    {"type": "credit", "stream": self._number, "size": _WINDOW, "waits": True}
                )
            self._link.wait_until(
                lambda: not self._asked or not _is_open(self._link, self._number, self._on_frame)
            )
            if self._asked:
                _require_turn(self._link, self._number, self._on_frame)
        if self._lost:
            raise MemoryError("no memory for what the host sent")
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._data))
        view[:size] = self._data[:size]
        self._data = self._data[size:]
        return size


class _StreamWriter(io.RawIOBase):
    """Bytes for the host; waits when the host has not consumed the last 1 MiB."""

    def __init__(self, link: Link, number: int) -> None:
        super().__init__()
        self._link = link
        self._number = number
        self._credit = _WINDOW
        link.streams[number] = self._on_frame

    def writable(self) -> bool:
        return True

    def _on_frame(self, frame: Frame) -> None:
        self._credit += frame.header["size"]

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        if not len(view):
            return 0
        _require_turn(self._link, self._number, self._on_frame)
        if self._credit <= 0:
            self._link.before_wait()
            self._link.declare_waiting(lambda: self._credit <= 0)
            self._link.wait_until(
                lambda: self._credit > 0 or not _is_open(self._link, self._number, self._on_frame)
            )
            _require_turn(self._link, self._number, self._on_frame)
        part = view[: self._credit]
        size = len(part)
        self._credit -= size  # in one step: another thread may be adding to it
        self._send(part, eof=False, waits=self._credit == 0 and size < len(view))
        return size

    def _send(self, part: Any, *, eof: bool, waits: bool) -> None:
        self._link.send(
            {"type": "data", "stream": self._number, "eof": eof, "waits": waits},
            b"",
            [part],
            len(part),
        )

    def close(self) -> None:
        if not self.closed and _is_open(self._link, self._number, self._on_frame):
            del self._link.streams[self._number]
            self._send(b"", eof=True, waits=False)
        super().close()


def _is_open(link: Link, number: int, owner: Callable[[Frame], None]) -> bool:
    """Whether the turn of a stream is still open: the next turn uses the same numbers again."""
    return link.streams.get(number) == owner


def _require_turn(link: Link, number: int, owner: Callable[[Frame], None]) -> None:
    if not _is_open(link, number, owner):
        raise ValueError("this stream belongs to a turn that has ended")


def open_stream(link: Link, number: int, direction: str) -> io.BufferedIOBase:
    """The binary file for a stream handle."""
    if direction == "read":
        return io.BufferedReader(_StreamReader(link, number), _BUFFER)
    return io.BufferedWriter(_StreamWriter(link, number), _BUFFER)
