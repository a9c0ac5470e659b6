"""Frames for which a guest has no memory: they are read past, so that the guest can say so."""

from __future__ import annotations

from typing import Any, NoReturn

from ringfence_guest.protocol.framing import Frame, FrameReader, read_header
from ringfence_guest.protocol.room import Room

__all__ = ["LostFrame", "SparingReader"]


class LostFrame(Frame):
    """A frame whose header came; whoever touches what came with it runs out of memory."""

    __slots__ = ()

    @classmethod
    def of(cls, header: dict[str, Any]) -> LostFrame:
        """A frame with this header."""
        return cls(header, b"", b"")

    def _missing(self) -> NoReturn:
        raise MemoryError("no memory for what the host sent")

    body = property(_missing)
    blob = property(_missing)


class SparingReader(FrameReader):
    """A reader that goes on when it runs out of memory: large frames become :class:`LostFrame`."""

    __slots__ = ("_head", "_past")

    def __init__(self, max_payload: int) -> None:
        super().__init__(max_payload)
        self._head = bytearray()
        self._past = 0  # bytes to read past

    def buffer(self) -> memoryview:
        """Where the next bytes go; never empty."""
        return memoryview(self._stage)[: self._past] if self._past else super().buffer()

    def take_whole(self, size: int, header: bytes) -> bytes | None:
        """As of any reader."""
        return None if self._past else super().take_whole(size, header)

    def received(self, size: int) -> list[Frame]:
        """As of any reader."""
        if not self._past:
            return super().received(size)
        self._head += self._stage[: min(size, self._lengths[0] - len(self._head))]
        self._past -= size
        if self._past:
            return []
        return [LostFrame.of(read_header(self._head, 0, len(self._head)))]

    def _begin_large(self, at: int) -> None:
        try:
            super()._begin_large(at)
        except MemoryError:
            self._head = self._stage[at : min(self._have, at + self._lengths[0])]
            self._past = sum(self._lengths) - (self._have - at)
            self._have = 0

    def _end_large(self, whole: Room, begin: int) -> Frame:
        try:
            return super()._end_large(whole, begin)
        except MemoryError:
            return LostFrame.of(read_header(whole, begin, begin + self._lengths[0]))
