"""Arguments in shared memory, for guests that take one call and end.

Large arrays of a call are copied into an arena, which the guest reads where it is. Making an arena
costs more than that copy, a page at a time; so one is used again, once the guest that had it is
gone: as long as it lives it can read what is written there, and that is the arguments of somebody
else's call. What it had read is written over, with the next arguments or with zeros.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Protocol

from ringfence.runtime.arena import LEAST_SHARED, Arena, place_of

__all__ = ["ArgumentArenas", "is_copied"]

_ALIGNED = 64
_MOST_KEPT = 16
_MOST_BYTES = 128 << 20


class Borrower(Protocol):
    """A guest that was lent an arena, and has taken its one call."""

    def kill(self) -> None:
        """End it, without waiting."""

    def is_gone(self) -> bool:
        """Whether it has ended: nothing of it can read any more. Not after :meth:`close`."""

    def close(self) -> None:
        """Give back what the host holds of it."""


class ArgumentArenas:
    """Arenas for arguments. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[tuple[Arena, Borrower]] = []
        self._gone: list[Borrower] = []
        self._closed = False

    def place(self, values: Sequence[Any]) -> tuple[list[Any], Arena | None]:
        """The values, their arrays in an arena where that is worth it; for one guest.

        Args:
            values: arguments; arrays within other values stay where they are.

        Raises:
            EngineFailure: the machine has run out of descriptors or memory.
        """
        own = [at for at, value in enumerate(values) if is_copied(value)]
        size = sum(_aligned(values[at].nbytes) for at in own)
        if size < LEAST_SHARED:
            return list(values), None
        import numpy as np

        arena, used = self._find(size)
        memory = np.frombuffer(arena, "u1")
        placed, offset = list(values), 0
        for at in own:
            array = values[at]
            room = np.frombuffer(arena, array.dtype, array.size, offset).reshape(array.shape)
            np.copyto(room, array)
            placed[at] = room
            end, offset = offset + array.nbytes, offset + _aligned(array.nbytes)
            if used:
                memory[end:offset] = 0
        if used:  # the guest maps all of it, and another call's arguments are in it
            memory[offset:] = 0
        return placed, arena

    def give_back(self, arena: Arena, borrower: Borrower) -> None:
        """Keep an arena for another call, once its guest is gone; the guest is closed here."""
        borrower.kill()
        with self._lock:
            kept = [*self._kept, (arena, borrower)]
            ended: list[Borrower] = []
            while kept and (self._closed or _is_much(kept)):
                ended.append(kept.pop(0)[1])
            self._kept = kept
            if len(self._gone) > _MOST_KEPT:  # nobody closes them
                ended, self._gone = ended + self._gone, []
        for one in ended:
            one.close()

    def _find(self, size: int) -> tuple[Arena, bool]:
        """An arena, and whether something is in it."""
        whole = 1 << (size - 1).bit_length()
        with self._lock:
            for at, (arena, borrower) in enumerate(self._kept):
                if len(arena) == whole and borrower.is_gone():
                    del self._kept[at]
                    self._gone.append(borrower)  # closing it takes time, and a call waits
                    return arena, True
        arena = Arena.of(whole)
        arena.least = 1
        return arena, False

    def close_gone(self) -> None:
        """Close ended guests whose arenas are in use again; for when no call waits."""
        with self._lock:
            gone, self._gone = self._gone, []
        for borrower in gone:
            borrower.close()

    def close(self) -> None:
        """Close the guests that are still held."""
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, []
        for _, borrower in kept:
            borrower.close()
        self.close_gone()


def is_copied(value: Any) -> bool:
    """Whether an argument is an array to be copied: also a part of somebody's arena, for a guest
    that is lent a part maps the whole.
    """
    if not hasattr(value, "dtype") or not value.nbytes:
        return False
    place = place_of(value)
    return place is None or value.nbytes < len(place.arena)


def _is_much(kept: list[tuple[Arena, Borrower]]) -> bool:
    return len(kept) > _MOST_KEPT or sum(len(arena) for arena, _ in kept) > _MOST_BYTES


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
