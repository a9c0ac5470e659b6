"""How often somebody may ask: a bucket each, which fills again with time."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Rate", "RateLimiter", "Rates"]

_MOST_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many in a minute from then on."""

    at_once: int
    per_minute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often one may ask.

    Attributes:
        requests: of one address.
        uploads: of one account.
        sign_ins: that failed, and registrations, of one address.
    """

    requests: Rate = Rate(200, 600)
    uploads: Rate = Rate(10, 2)
    sign_ins: Rate = Rate(10, 6)


class RateLimiter:
    """Buckets by key, bounded: whoever was quiet longest is forgotten first.

    Args:
        rate: of each key.
        clock: seconds, from anywhere.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """Take one; 0 where there was one to take, else seconds until there is."""
        return self._look(key, 1.0)

    def wait(self, key: str) -> int:
        """The same without taking it."""
        return self._look(key, 0.0)

    def _look(self, key: str, cost: float) -> int:
        with self._lock:
            now = self._clock()
            level, then = self._buckets.pop(key, (float(self._rate.at_once), now))
            level = min(self._rate.at_once, level + (now - then) * self._rate.per_minute / 60)
            refused = level < 1
            self._buckets[key] = (level if refused else level - cost, now)
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
        return math.ceil((1 - level) * 60 / self._rate.per_minute) if refused else 0
