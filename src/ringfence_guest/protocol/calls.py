"""The calls of host functions in one turn."""

from __future__ import annotations

from ringfence_guest.protocol.budget import Budget, BudgetSpent
from ringfence_guest.protocol.messages import CallEvent, ProtocolBroken
from ringfence_guest.protocol.payloads import read_arguments
from ringfence_guest.protocol.report import Call

__all__ = ["Calls"]


class Calls:
    """Which functions may be called, how often they were, and which calls wait for an answer.

    Args:
        functions: the names that are lent.
        budget: what the turn may use.
    """

    count = 0
    _last_id = -1

    def __init__(self, functions: frozenset[str], budget: Budget) -> None:
        self._functions = functions
        self._budget = budget
        self.open: set[int] = set()

    def check(self, event: CallEvent) -> None:
        """Refuse a call that no honest guest makes."""
        if event.id <= self._last_id:
            raise ProtocolBroken("a call with a number that was used before")
        self._last_id = event.id
        if event.name not in self._functions:
            raise ProtocolBroken("a call of a function that was not lent")

    def begin(self, event: CallEvent) -> Call:
        """Open a call that was checked.

        Raises:
            BudgetSpent: it is one too many.
        """
        if self.count >= self._budget.calls:
            raise BudgetSpent("calls")
        self.count += 1
        args, kwargs = read_arguments(event.frame, self._budget.value)
        self.open.add(event.id)
        return Call(event.id, event.name, args, kwargs)
