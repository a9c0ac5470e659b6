"""The byte streams that a turn lends to its guest, and who may send how much of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ringfence_guest.protocol.messages import ProtocolBroken

__all__ = ["STREAM_WINDOW", "LentStreams"]

STREAM_WINDOW = 1 << 20
"""Bytes of one stream under way in one direction without a new credit."""


@dataclass(slots=True)
class _Stream:
    direction: Literal["read", "write"]
    credit: int  # what the side that sends may send
    ended: bool = False


class LentStreams:
    """The streams of one turn.

    Args:
        directions: number -> direction, as the guest sees it.
    """

    __slots__ = ("_streams",)

    def __init__(self, directions: Mapping[int, Literal["read", "write"]]) -> None:
        self._streams = {
            number: _Stream(direction, STREAM_WINDOW if direction == "write" else 0)
            for number, direction in directions.items()
        }

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._streams)

    def _said_by_guest(self, number: int, direction: str) -> _Stream:
        stream = self._streams.get(number)
        if stream is None or stream.direction != direction or stream.ended:
            raise ProtocolBroken("a stream that is not open")
        return stream

    def guest_wants(self, number: int, size: int) -> None:
        """The guest asks for bytes."""
        stream = self._said_by_guest(number, "read")
        if stream.credit or not 0 < size <= STREAM_WINDOW:
            raise ProtocolBroken("a credit that is not due")
        stream.credit = size

    def guest_wrote(self, number: int, size: int, eof: bool) -> None:
        """The guest sends bytes."""
        stream = self._said_by_guest(number, "write")
        if size > stream.credit or (size == 0 and not eof):
            raise ProtocolBroken("stream data beyond its credit")
        stream.credit -= size
        stream.ended = eof

    def host_sends(self, number: int, size: int, eof: bool) -> None:
        """The host sends what the guest asked for, or less.

        Raises:
            ValueError: it is more.
        """
        stream = self._streams[number]
        if size > stream.credit:
            raise ValueError(f"{size} bytes sent where {stream.credit} were wanted")
        stream.credit = 0
        stream.ended = eof

    def host_consumed(self, number: int, size: int) -> bool:
        """The host has done with bytes of the guest's; whether to tell the guest."""
        stream = self._streams[number]
        if stream.ended or not size:
            return False
        stream.credit += size
        return True

    def owe(self) -> bool:
        """Whether the host owes the guest bytes, or word that it has done with some."""
        return any(
            s.credit if s.direction == "read" else s.credit < STREAM_WINDOW
            for s in self._streams.values()
            if not s.ended
        )
