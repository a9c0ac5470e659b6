"""How many calls a run may make, how fast, how long each may take, and how much may come back."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ringfence.errors import ConfigurationError

__all__ = ["CallBudget", "Pace"]

_MOST_CLIENTS = 10_000


@dataclass(frozen=True)
class CallBudget:
    """What calls of tools may cost. Every bound is finite.

    Attributes:
        calls: how many a run may make, those that were refused included.
        rate: how many a client may make in a second, over time, with all its runs.
        burst: how many at once before ``rate`` counts.
        patience: seconds that a call may wait for ``rate``; after that it is refused.
        concurrent: calls of one client under way at once with one server; more wait.
        call_timeout: seconds that one call may take, waiting included.
        start_timeout: seconds that a server has to start and to list its tools.
        discovery_timeout: seconds that a list of all tools waits for a server that starts; it goes
            on starting. Of one that failed before, two at most.
        approval_timeout: seconds that somebody has to approve of a call.
        argument_bytes: of the arguments of one call, as JSON.
        result_bytes: of one result, as JSON.
    """

    calls: int = 1_000
    rate: float = 200.0
    burst: int = 400
    patience: float = 5.0
    concurrent: int = 64
    call_timeout: float = 60.0
    start_timeout: float = 30.0
    discovery_timeout: float = 15.0
    approval_timeout: float = 300.0
    argument_bytes: int = 1 << 20
    result_bytes: int = 4 << 20

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise ConfigurationError(f"CallBudget({name}={value!r}): a positive, finite number")


class Pace:
    """When each client may make its next call: a bucket of tokens for each, the oldest forgotten.

    Args:
        rate: tokens that come back in a second.
        burst: how many there are at most.
        patience: seconds that a token may be waited for.
    """

    def __init__(self, rate: float, burst: int, patience: float) -> None:
        self._rate = rate
        self._burst = burst
        self._patience = patience
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def reserve(self, client: str, now: float) -> float | None:
        """Take a token, and return the seconds until it is there.

        Returns:
            0.0 for at once; None if that would take longer than patience, and nothing is taken.
        """
        tokens, at = self._buckets.pop(client, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        wait = max(0.0, (1 - tokens) / self._rate)
        allowed = wait <= self._patience
        self._buckets[client] = (tokens - allowed, now)
        while len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return wait if allowed else None
