"""How long a request that got no answer is sent again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Patience", "Waits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When to give up, and how long to wait before the next attempt: longer each time, and by
    chance, so that many clients do not come back at once. A service that says how long is obeyed.

    Attributes:
        attempts: how often a request is sent at most.
        seconds: from the first attempt on, after which it is not sent again.
        first: seconds before the second attempt, at most; doubled for each that follows.
        longest: seconds of one wait at most, unless the service asks for more.
        clock: the monotonic clock, in seconds.
        chance: a number from 0 to 1.
    """

    attempts: int = 6
    seconds: float = 60.0
    first: float = 0.1
    longest: float = 5.0
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def begin(self) -> Waits:
        """The waits of one request."""
        return Waits(self)


class Waits:
    """The waits between the attempts of one request."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._began = patience.clock()
        self._made = 1

    def next(self, asked: float | None = None) -> float | None:
        """Seconds until the next attempt; None when there is none.

        Args:
            asked: seconds that the service asks for.
        """
        patience = self._patience
        if self._made >= patience.attempts:
            return None
        most = min(patience.longest, patience.first * 2.0 ** (self._made - 1))
        wait: float = most * (0.5 + 0.5 * patience.chance())
        if asked is not None:
            wait = max(asked, wait)
        if patience.clock() - self._began + wait > patience.seconds:
            return None
        self._made += 1
        return wait

    def renew(self) -> None:
        """Something has arrived: the next failure is a first one."""
        self._made = 1
        self._began = self._patience.clock()
