"""How far the guest is in a batch of calls, and whether one of them takes too long."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Pace"]


class Pace:
    """Watches a counter that the guest moves on with each call.

    A call is stopped when the counter stands still for ``each`` seconds between two looks, so it
    has at least that and less than twice as much.

    Args:
        read: reads the counter. It is the guest's: whatever it says, calls take no longer for it.
        each: seconds for one call.
        now: the monotonic clock.
    """

    def __init__(self, read: Callable[[], int], each: float, now: float) -> None:
        self._read = read
        self._each = each
        self._seen = read()
        self._mark = now

    def next_look(self) -> float:
        """The moment at which :meth:`stalled` must be asked next."""
        return self._mark + self._each

    def stalled(self, now: float) -> bool:
        """Whether the same call has been running for too long."""
        if now < self._mark + self._each:
            return False
        seen = self._read()
        if seen == self._seen:
            return True
        self._seen, self._mark = seen, now
        return False
