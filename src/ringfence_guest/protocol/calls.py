"""The calls of host functions in one turn."""

from __future__ import annotations

from ringfence_guest.protocol.budget import BudgetSpent
from ringfence_guest.protocol.messages import CallEvent, ProtocolBroken

__all__ = ["Calls"]


class Calls:
    """Which functions may be called, how often they were, and which calls wait for an answer.

    Args:
        functions: the names that are lent.
        most: how many calls the turn may make.
    """

    count = 0
    _last_id = -1

    def __init__(self, functions: frozenset[str], most: int) -> None:
        self._functions = functions
        self._most = most
        self.open: set[int] = set()

    def check(self, event: CallEvent) -> None:
        """Refuse a call that no honest guest makes."""
        if event.id <= self._last_id:
            raise ProtocolBroken("a call with a number that was used before")
        self._last_id = event.id
        if event.name not in self._functions:
            raise ProtocolBroken("a call of a function that was not lent")

    def begin(self, number: int) -> None:
        """Open a call that was checked.

        Raises:
            BudgetSpent: it is one too many.
        """
        if self.count >= self._most:
            raise BudgetSpent("calls")
        self.count += 1
        self.open.add(number)
