"""How much a tenant may use, and what it has used.

Rates are of the monotonic clock, so that a clock that is set neither frees nor locks a tenant. Days
are UTC's, by the clock of the wall: what a day has used is remembered by its date, also when the
clock goes back to it.
"""

from __future__ import annotations

import collections
import datetime
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ringfence.server.problems import Fault, Problem

if TYPE_CHECKING:
    from ringfence.server.access.caller import Caller
    from ringfence.server.store import Store, Work

__all__ = ["Lease", "QuotaKeeper", "Quotas"]

_WINDOW = 60.0
_DAYS = 8
"""How many days are remembered: a clock that goes back further finds nothing used."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """What a tenant may use; of all its keys together.

    Attributes:
        concurrent: runs at once.
        per_minute: runs begun within any 60 seconds.
        cpu_seconds_per_day: CPU seconds of its guests in a day, in UTC.
    """

    concurrent: int
    per_minute: int
    cpu_seconds_per_day: float


@dataclass(slots=True)
class _Used:
    """What a tenant has used."""

    running: int = 0
    begun: collections.deque[float] = field(default_factory=collections.deque)
    cpu: dict[datetime.date, float] = field(default_factory=dict)


class Lease:
    """A run that was let in; it counts until it ends. May be used in a ``with`` block.

    Attributes:
        cpu_seconds_left: what its tenant has left of the day's CPU seconds. A run whose limit is
            no more than that does not exceed the quota by itself; several at once may, by what
            each of them had left.
    """

    def __init__(self, cpu_seconds_left: float, ended: Callable[[float], None]) -> None:
        self.cpu_seconds_left = cpu_seconds_left
        self._ended: Callable[[float], None] | None = ended

    @property
    def open(self) -> bool:
        """Whether it counts still."""
        return self._ended is not None

    def end(self, cpu_seconds: float = 0.0) -> None:
        """It ended; only the first call counts.

        Args:
            cpu_seconds: that its guest used.
        """
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(max(0.0, cpu_seconds))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.end()


class QuotaKeeper:
    """Lets runs begin while their tenant's quotas last. Used from one event loop.

    The server that owns the database is the only one that runs anything, so what it remembers is
    all there is; CPU seconds are also kept in the database (``Work.usage``), for the next server.

    Args:
        used: CPU seconds by day and tenant, from before.
        clock: the time, with a zone.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        used: Mapping[datetime.date, Mapping[str, float]] | None = None,
        *,
        clock: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._tenants: dict[str, _Used] = {}
        self.denied: Callable[[Caller, Problem], None] = lambda caller, problem: None
        """Told of each refusal of a caller's, for the audit log."""
        for day, of_day in (used or {}).items():
            for tenant, seconds in of_day.items():
                self._of(tenant).cpu[day] = seconds

    @classmethod
    async def open(cls, store: Store) -> Self:
        """One that knows what was used today and in the days before.

        Raises:
            StoreUnavailable: the database does not answer.
        """

        def recent(work: Work) -> dict[datetime.date, dict[str, float]]:
            today = work.now.astimezone(datetime.UTC).date()
            days = [today - datetime.timedelta(days=past) for past in range(-1, _DAYS - 1)]
            return {day: work.usage.of_day(day.isoformat()) for day in days}

        return cls(await store.read(recent))

    def begin(self, caller: Caller, *, within: Lease | None = None) -> Lease:
        """Let a run begin.

        Args:
            caller: whose.
            within: the lease of what has it run, which counts as one at once, and makes one run
                after the other: this run is the same one. It is one more in its minute.

        Raises:
            Problem: ``quota``: one of its tenant's is used up; it says which, and when to come
                back.
        """
        try:
            return self._begin(caller, within)
        except Problem as problem:
            self.denied(caller, problem)
            raise

    def _begin(self, caller: Caller, within: Lease | None) -> Lease:
        quotas, used = caller.quotas, self._of(caller.tenant)
        beside = 0 if within is not None and within.open else 1
        if beside and used.running >= quotas.concurrent:
            raise _used_up(
                "concurrent", f"at most {quotas.concurrent} runs at once", used.running, 1.0
            )
        now = self._monotonic()
        while used.begun and used.begun[0] <= now - _WINDOW:
            used.begun.popleft()
        over = len(used.begun) - quotas.per_minute
        if over >= 0:
            until = used.begun[over] + _WINDOW
            raise _used_up(
                "per-minute",
                f"at most {quotas.per_minute} runs in 60 s",
                len(used.begun),
                until - now,
            )
        moment = self._clock().astimezone(datetime.UTC)
        day = moment.date()
        left = quotas.cpu_seconds_per_day - used.cpu.get(day, 0.0)
        if left <= 0:
            tomorrow = datetime.datetime.combine(
                day + datetime.timedelta(days=1), datetime.time(), datetime.UTC
            )
            raise _used_up(
                "cpu-per-day",
                f"at most {quotas.cpu_seconds_per_day:g} CPU seconds in a day (UTC)",
                round(used.cpu.get(day, 0.0), 3),
                (tomorrow - moment).total_seconds(),
            )
        used.running += beside
        used.begun.append(now)
        return Lease(left, lambda seconds: self._end(used, beside, seconds))

    def running(self) -> dict[str, int]:
        """How many runs each tenant has now; tenants without one are left out."""
        return {name: used.running for name, used in self._tenants.items() if used.running}

    def _end(self, used: _Used, beside: int, seconds: float) -> None:
        used.running -= beside
        if not seconds or not math.isfinite(seconds):
            return
        # The day when it ended, as in the database.
        day = self._clock().astimezone(datetime.UTC).date()
        used.cpu[day] = used.cpu.get(day, 0.0) + seconds
        while len(used.cpu) > _DAYS:
            del used.cpu[min(used.cpu)]

    def _of(self, tenant: str) -> _Used:
        return self._tenants.setdefault(tenant, _Used())


def _used_up(quota: str, expected: str, got: float, seconds: float) -> Problem:
    return Problem(
        "quota",
        f"the quota {quota} is used up: {expected}",
        retry_after=seconds,
        errors=[Fault(f"quota:{quota}", expected, f"{got:g}")],
    )
