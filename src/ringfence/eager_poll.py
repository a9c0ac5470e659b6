"""Waiting for somebody in another process who may answer at once.

A processor that goes idle takes long to wake, on a virtual machine longer than a whole call of a
guest's function. So whoever expects a quick answer looks a few times before it goes to sleep, as
adaptive mutexes do: only while the last waits were short, and only where guest and host can run at
the same time.

They cannot where others leave them one processor between them: who looks then keeps the other one
from answering. So after a look in vain some waits sleep at once, after each such look in a row
twice as many as after the one before.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable

__all__ = ["EagerPoll"]

_LOOKING = 0.000_2
"""Seconds to look for before sleeping."""

_SHORT = 0.000_4
"""A wait below this many seconds makes the next one begin with looking."""

_MOST_SKIPPED = 64
"""Waits that sleep at once after many looks in vain."""


class EagerPoll:
    """A :func:`select.poll` object that looks before it sleeps, once waits are short.

    Args:
        cores: how many processors this process may use; None asks.
        clock: the monotonic clock, in seconds.
    """

    def __init__(
        self, cores: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if cores is None:
            cores = len(os.sched_getaffinity(0))
        self._poll = select.poll()
        self.register = self._poll.register
        self.modify = self._poll.modify
        self._parallel = cores > 1
        self._clock = clock
        self._skipped = 1  # short waits that are to come before the next look
        self._penalty = 1  # how many they will be after a look in vain

    @property
    def eager(self) -> bool:
        """Whether the next wait begins with looking."""
        return self._parallel and not self._skipped

    def poll(self, milliseconds: int) -> list[tuple[int, int]]:
        """Wait at most ``milliseconds`` for events; without end if that is negative."""
        began = self._clock()
        events = self.look(began)
        if not events:
            events = self._poll.poll(milliseconds)
            self.learn(began)
        return events

    def look(self, began: float) -> list[tuple[int, int]]:
        """The events of a wait that begins now, if it is an eager one and they come at once."""
        if not self.eager:
            return []
        until = began + _LOOKING
        while True:
            events = self._poll.poll(0)
            if events:
                self._penalty = 1
                return events
            if self._clock() >= until:
                self._skipped = self._penalty
                self._penalty = min(2 * self._penalty, _MOST_SKIPPED)
                return []

    def learn(self, began: float) -> None:
        """A wait has come to its end, and not by looking."""
        if self._clock() - began >= _SHORT:
            self._skipped = max(1, self._skipped)
        elif self._skipped:
            self._skipped -= 1
