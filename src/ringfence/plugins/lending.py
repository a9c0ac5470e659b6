"""Memory for guests that take one call and end: their arguments lie in it, and their answer.

Large arrays of a call are copied into an arena, which the guest reads where it is; those of its
answer come in another one. Making an arena costs more than that copy, a page at a time, and so does
mapping it; so a guest that waits for its call has what the last one needed, and memory is used
again. As long as a guest lives it can see what is in its memory, so nobody else is lent that before
it is gone, and then it is full of zeros.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from ringfence.runtime.arena import LEAST_SHARED, Arena, place_of

__all__ = ["CallMemory", "Loan", "Needs", "is_copied"]

_ALIGNED = 64
_PAGE = 4096
_LEAST_ANSWER = 1 << 16
_MOST_ANSWER = 8 << 20
_MOST_AHEAD = 8 << 20
_MOST_KEPT = 16
_MOST_BYTES = 128 << 20


class Borrower(Protocol):
    """A guest that was lent memory, and has taken its one call."""

    def kill(self) -> None:
        """End it, without waiting."""

    def is_gone(self) -> bool:
        """Whether it has ended: nothing of it can read any more. Not after :meth:`close`."""

    def close(self) -> None:
        """Give back what the host holds of it."""


class Needs(NamedTuple):
    """Bytes of memory that a call is worth to be lent, rounded up so that like ones are equal.

    Attributes:
        arguments: for its arrays.
        answer: for what its function returns.
    """

    arguments: int = 0
    answer: int = 0

    @classmethod
    def of(cls, values: Sequence[Any], answer: int) -> Needs:
        """Those of a call.

        Args:
            values: its arguments; arrays within other values are not lent.
            answer: bytes of the answer to a call like it; 0 where none is known. A guest chose
                them, so what is much comes as any value does.
        """
        size = sum(_aligned(value.nbytes) for value in values if is_copied(value))
        return cls(
            _rounded(size) if size >= LEAST_SHARED else 0,
            _rounded(answer) if _LEAST_ANSWER <= answer <= _MOST_ANSWER else 0,
        )

    @property
    def is_much(self) -> bool:
        """Whether it is too much to be held for a call that may not come."""
        return sum(self) > _MOST_AHEAD


class Loan(NamedTuple):
    """Memory of one guest.

    Attributes:
        arguments: what the guest reads, or None.
        answer: what it writes to, or None.
    """

    arguments: Arena | None
    answer: Arena | None

    @classmethod
    def of(cls, needs: Needs) -> Loan:
        """New memory.

        Raises:
            EngineFailure: the machine has run out of descriptors or memory.
        """
        loan = cls(
            Arena.of(needs.arguments) if needs.arguments else None,
            Arena.of(needs.answer, guest_writes=True) if needs.answer else None,
        )
        if loan.arguments is not None:
            loan.arguments.least = 1
        return loan

    @property
    def size(self) -> Needs:
        """What it is enough for."""
        return Needs(*(0 if arena is None else len(arena) for arena in self))

    def clear(self) -> None:
        """Write zeros over all of it, and over what else a guest may have written down there; its
        pages are there after that.
        """
        import numpy as np

        for arena in self:
            if arena is not None:
                np.frombuffer(arena, "u1").fill(0)
                arena.forget_marks()

    def open_ahead(self) -> None:
        """Have it ready to be lent with the next request."""
        for arena in self:
            if arena is not None:
                arena.open_ahead()

    def place(self, values: Sequence[Any]) -> list[Any]:
        """The values, with those arrays that are to be copied in the memory for arguments."""
        if self.arguments is None:
            return list(values)
        import numpy as np

        placed, offset = list(values), 0
        for at, array in enumerate(values):
            if is_copied(array):
                room = np.frombuffer(self.arguments, array.dtype, array.size, offset)
                placed[at] = room.reshape(array.shape)
                np.copyto(placed[at], array)
                offset += _aligned(array.nbytes)
        return placed


class CallMemory:
    """Memory to lend. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[tuple[Loan, Borrower]] = []
        self._gone: list[Borrower] = []
        self._closed = False

    def lend(self, needs: Needs) -> Loan:
        """Memory for one guest, full of zeros.

        Raises:
            EngineFailure: the machine has run out of descriptors or memory.
        """
        loan = self._find(needs) or Loan.of(needs)
        loan.clear()
        return loan

    def give_back(self, loan: Loan, borrower: Borrower) -> None:
        """Keep memory for another call, once its guest is gone; the guest is closed here."""
        borrower.kill()
        with self._lock:
            kept = [*self._kept, (loan, borrower)]
            ended: list[Borrower] = []
            while kept and (self._closed or _is_much(kept)):
                ended.append(kept.pop(0)[1])
            self._kept = kept
            if len(self._gone) > _MOST_KEPT:  # nobody closes them
                ended, self._gone = ended + self._gone, []
        for one in ended:
            one.close()

    def _find(self, needs: Needs) -> Loan | None:
        with self._lock:
            for at, (loan, borrower) in enumerate(self._kept):
                if loan.size == needs and borrower.is_gone():
                    del self._kept[at]
                    self._gone.append(borrower)  # closing it takes time, and a call may wait
                    return loan
        return None

    def close_gone(self) -> None:
        """Close ended guests whose memory is in use again; for when no call waits."""
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


def _is_much(kept: list[tuple[Loan, Borrower]]) -> bool:
    return len(kept) > _MOST_KEPT or sum(sum(loan.size) for loan, _ in kept) > _MOST_BYTES


def _rounded(size: int) -> int:
    """Up by an eighth at most, and to whole pages."""
    step = max(_PAGE, 1 << max(0, size.bit_length() - 4))
    return -(-size // step) * step


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
