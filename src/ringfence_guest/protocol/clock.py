"""The three time budgets of a turn.

*wall* runs while the guest may run; it rests only while the guest has declared that it waits for
something that is really open (a call, a stream). *host_wall* runs while a call is open, so that a
slow host function is not free either. *cpu* is the guest's CPU clock, read by the host, and never
rests.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Literal

from ringfence_guest.protocol.budget import Budget

__all__ = ["Clock"]

_MIN_CPU_CHECK = 0.001


class Clock:
    """How much time a turn has used, and when to look again.

    Args:
        budget: what the turn may use.
        open_calls: the calls that were not answered; the turn changes it.
        now: the monotonic clock, in seconds.
        cpu: the guest's CPU clock, in seconds, from which the turn is charged.

    ``waiting`` is for the turn to set: the guest waits for something that the host owes it.
    """

    wall = 0.0
    host = 0.0
    waiting = False
    _cpu = 0.0

    def __init__(self, budget: Budget, open_calls: Collection[int], now: float, cpu: float) -> None:
        self._budget = budget
        self._open_calls = open_calls
        self._mark = self._cpu_mark = now
        self._cpu_start = cpu

    def advance(self, now: float) -> None:
        """Charge what has passed."""
        passed = now - self._mark
        if passed <= 0:
            return
        self._mark = now
        if not self.waiting:
            self.wall += passed
        if self._open_calls or self.waiting:
            self.host += passed

    def skip(self, now: float) -> float:
        """Charge nobody for what has passed; returns how much it is."""
        passed = max(0.0, now - self._mark)
        self._mark += passed
        return passed

    def next_look(self) -> float:
        """The moment at which :meth:`look` must be asked next; may be ``inf``."""
        budget = self._budget
        moment = math.inf
        if not self.waiting:
            moment = self._mark + budget.wall - self.wall
        if self._open_calls or self.waiting:
            moment = min(moment, self._mark + budget.host_wall - self.host)
        left = (budget.cpu - self._cpu) / (budget.threads + 1)
        return min(moment, self._cpu_mark + max(left, _MIN_CPU_CHECK))

    def look(self, now: float, cpu: float | None) -> Literal["cpu", "wall", "host_wall"] | None:
        """Which budget is spent, after :meth:`advance`.

        Args:
            now: the monotonic clock.
            cpu: the guest's CPU clock, or None when the engine has none.
        """
        self._cpu_mark = now
        if cpu is not None:
            self._cpu = cpu - self._cpu_start
        if self._cpu >= self._budget.cpu:
            return "cpu"
        if not self.waiting and self.wall >= self._budget.wall:
            return "wall"
        return "host_wall" if self.host_spent else None

    @property
    def host_spent(self) -> bool:
        """Whether host functions have taken all the time that they have."""
        return self.host >= self._budget.host_wall
