"""How a guest that must end its turn is made to: an interrupt, some more, a kill."""

from __future__ import annotations

from typing import Literal

__all__ = ["CANCEL_GRACE", "INTERRUPT_GRACE", "NUDGE_PERIOD", "Stopping"]

INTERRUPT_GRACE = 0.1
"""Seconds between the interrupt of a guest that reached a limit, and its kill."""

CANCEL_GRACE = 0.03
"""The same when the caller cancels: a cancelled turn ends within 50 ms."""

NUDGE_PERIOD = 0.01
"""Seconds after which an interrupt is repeated while the grace lasts. One that comes just before a
guest enters a system call, or its turn, is lost; a guest that has taken one ignores the others."""


class Stopping:
    """A guest that was told to end its turn.

    Args:
        reason: the budget that is spent, or ``cancelled``.
        now: when it was interrupted.
        grace: seconds until it is killed.
    """

    __slots__ = ("_kill_at", "_nudge_at", "reason")

    def __init__(self, reason: str, now: float, grace: float) -> None:
        self.reason = reason
        self._kill_at = now + grace
        self._nudge_at = now + NUDGE_PERIOD

    def hasten(self, now: float, grace: float) -> None:
        """Who stops it now does not wait for a longer grace."""
        self._kill_at = min(self._kill_at, now + grace)

    def delay(self, seconds: float) -> None:
        """Nobody could hear the guest for so long."""
        self._kill_at += seconds

    def next_look(self) -> float:
        """The moment at which :meth:`order` must be asked next."""
        return min(self._kill_at, self._nudge_at)

    def order(self, now: float) -> Literal["nudge", "kill"] | None:
        """What must be done to the guest now."""
        if now >= self._kill_at:
            return "kill"
        if now >= self._nudge_at:
            self._nudge_at = now + NUDGE_PERIOD
            return "nudge"
        return None
