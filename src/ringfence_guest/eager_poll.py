"""Waiting for somebody who may answer at once: the host for its guest, a guest for its host.

A processor that goes idle takes long to wake, on a virtual machine longer than a whole call of a
guest's function. So whoever expects a quick answer looks a few times before it goes to sleep, as
adaptive mutexes do: only while the last waits were short, and only where guest and host can run at
the same time. Where both have to share one processor, looking keeps the other from answering: who
has looked in vain sleeps at once for a while, for longer each time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from ringfence_guest.readiness import make_poll

__all__ = ["EagerPoll"]

_LOOKING = 0.000_2
"""Seconds to look for before sleeping."""

_SHORT = 0.000_4
"""A wait below this many seconds makes the next one begin with looking."""

_MOST_PASSED = 255
"""Waits that are slept through, at most, after one has looked in vain."""


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class EagerPoll:
    """A :class:`.readiness.Poll` that looks before it sleeps, once waits are short.

    Args:
        cores: how many processors this process may use; None asks.
        clock: the monotonic clock, in seconds.
    """

    def __init__(
        self, cores: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if cores is None:
            cores = _count_cores()
        self._poll = make_poll()
        self.register = self._poll.register
        self.modify = self._poll.modify
        self._parallel = cores > 1
        self._clock = clock
        self._eager = False
        self._passed = self._passing = 0

    @property
    def eager(self) -> bool:
        """Whether the next wait begins with looking."""
        return self._eager

    def poll(self, milliseconds: float | None) -> list[tuple[int, int]]:
        """Wait at most ``milliseconds`` for events: for ever with None or less than 0, not at all
        with 0.
        """
        if milliseconds == 0:
            return self._poll.poll(0)
        began = self._clock()
        events = self.look(began)
        if not events:
            events = self._poll.poll(milliseconds)
            self.learn(began)
        return events

    def look(self, began: float) -> list[tuple[int, int]]:
        """The events of a wait that begins now, if it is an eager one and they come at once."""
        if self._passing:
            self._passing -= 1
        elif self._eager:
            until = began + _LOOKING
            while True:
                events = self._poll.poll(0)
                if events:
                    self._passed = 0
                    return events
                if self._clock() >= until:
                    break
            self._passing = self._passed = min(2 * self._passed + 1, _MOST_PASSED)
        return []

    def learn(self, began: float) -> None:
        """A wait has come to its end, and not by looking."""
        self._eager = self._parallel and self._clock() - began < _SHORT
