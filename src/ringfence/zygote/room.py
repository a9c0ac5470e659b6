"""Room for what an image is going to hold, in one piece. Imports nothing: it comes first of all."""

from __future__ import annotations

__all__ = ["Room"]

_BLOCK = 512  # bytes: the largest that the interpreter puts into an arena
_HEADER = bytes.__basicsize__
_PER_ARENA = (1 << 20) // (16 << 10) * 31  # blocks, in the pools of an arena of 1 MiB
_CHUNK = 96 << 10  # bytes: malloc maps nothing of its own for so few
_HEAP = 0.75  # of that again is in malloc's heap


class Room:
    """Memory that was asked for all at once.

    The interpreter asks for a mebibyte at a time, which then lies wherever there is room between
    the libraries that are loaded meanwhile; huge pages need two that are adjacent. What is asked
    for here is adjacent, and what is imported afterwards finds it free.

    Args:
        size: MiB of arenas. Too little costs huge pages, too much a few milliseconds.
    """

    def __init__(self, size: int) -> None:
        chunks = [bytearray(_CHUNK) for _ in range(int(_HEAP * (size << 20)) // _CHUNK)]
        blocks = [bytes(_BLOCK - _HEADER) for _ in range(size * _PER_ARENA)]
        # Of each arena some are kept, or it would be given back at once.
        self._kept: list[object] = [chunks[-1], *blocks[:: _PER_ARENA // 2]]
        self.places = tuple(map(id, self._kept[1:]))
        """Addresses in each of the arenas."""

    def leave(self) -> None:
        """Give back what nothing was put into."""
        self._kept.clear()
