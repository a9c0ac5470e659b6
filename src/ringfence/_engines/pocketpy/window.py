"""The memory that one guest and the host share: arguments one way, what came of calls the other.

Calls are made in pieces. In bytes::

    0    the counter: one more than the index, in its piece, of the call that runs (64 bits)
    64   what came of each call (:data:`MADE`, …)
    …    how many records each call left (64 bits)
    …    the arguments, eight bytes each: the first of all calls, the second, …
    …    the numbers that calls returned, eight bytes each
    …    their records, without gaps

All of it may be written by the guest at any time: the host copies what it reads, and checks the
copy. For the host and for the guest.
"""

from __future__ import annotations

__all__ = [
    "CRASHED", "FAILED", "LIMITS", "MADE", "MOST_ARGUMENTS", "MOST_CALLS", "MOST_WIDTH", "RAISED",
    "Window",
]  # fmt: skip

MOST_CALLS = 4_096
"""Calls of a piece."""

MOST_ARGUMENTS = 14
MOST_WIDTH = 1_024

MADE, RAISED = 1, 2
LIMITS = {3: "recursion", 4: "records"}
"""What a guest says of a call that reached a bound which it holds itself."""

FAILED = (RAISED, *LIMITS)
CRASHED = 255

_PAGE = 4_096
_COLUMNS = 512 << 10
_MOST_GAPLESS = 16 << 20


class Window:
    """Where things are.

    Args:
        records: bytes of records that one call may leave.
    """

    def __init__(self, records: int) -> None:
        self.each = records
        self.status = 64
        self.counts = self.status + MOST_CALLS
        self.arguments = self.counts + 8 * MOST_CALLS
        self.values = self.arguments + _COLUMNS
        self.records = self.values + _COLUMNS
        self.room = max(records, min(4 * records, _MOST_GAPLESS))
        self.size = -(-(self.records + self.room) // _PAGE) * _PAGE

    def most_calls(self, arguments: int, width: int) -> int:
        """Calls of a piece with so many arguments and numbers."""
        return min(MOST_CALLS, _COLUMNS // (8 * max(arguments, width, 1)))
