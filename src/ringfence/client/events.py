"""Server-Sent Events, read as they come, within bounds."""

from __future__ import annotations

from typing import NamedTuple

from ringfence.errors import ServiceError

__all__ = ["Event", "EventReader"]


class Event(NamedTuple):
    """One event.

    Attributes:
        id: of the last event that had one, this included.
        kind: its name.
        data: its lines of data, joined.
    """

    id: str
    kind: str
    data: bytes


class EventReader:
    """Makes events of bytes, however these are cut.

    Args:
        most: bytes of one event.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._line = bytearray()
        self._data: list[bytes] = []
        self._kind = ""
        self._size = 0
        self._id = ""

    def feed(self, data: bytes) -> list[Event]:
        """The events that end in these bytes.

        Raises:
            ServiceError: one is larger than may be, or has no text where there should be some.
        """
        events: list[Event] = []
        pieces = data.replace(b"\r\n", b"\n").split(b"\n")
        for piece in pieces[:-1]:
            self._grow(piece)
            line, self._line = bytes(self._line), bytearray()
            if line:
                self._take(line)
            elif self._kind or self._data:
                events.append(Event(self._id, self._kind or "message", b"\n".join(self._data)))
                self._data, self._kind, self._size = [], "", 0
        self._grow(pieces[-1])
        return events

    def _grow(self, piece: bytes) -> None:
        self._line += piece
        if self._size + len(self._line) > self._most:
            raise ServiceError("", f"the service sent an event of more than {self._most} bytes")

    def _take(self, line: bytes) -> None:
        name, _, content = line.partition(b":")
        content = content.removeprefix(b" ")
        self._size += len(line)
        if name == b"data":
            self._data.append(content)
        elif name in (b"event", b"id"):
            try:
                text = content[:300].decode("ascii")
            except UnicodeDecodeError:
                raise ServiceError("", "the service sent an event without a name") from None
            if name == b"event":
                self._kind = text
            else:
                self._id = text
