"""What each tenant has used on each day, in a transaction."""

from __future__ import annotations

import datetime
import math
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from ringfence.server.store.tables import usage

__all__ = ["Usage", "day_of"]

_VALUES: dict[str, Any] = {
    "tenant": bindparam("of_tenant"),
    "day": bindparam("of_day"),
    "runs": bindparam("more_runs"),
    "cpu_seconds": bindparam("more_cpu"),
}
_MORE = {
    "runs": usage.c.runs + bindparam("more_runs"),
    "cpu_seconds": usage.c.cpu_seconds + bindparam("more_cpu"),
}
_ADD = {
    "sqlite": sqlite.insert(usage)
    .values(_VALUES)
    .on_conflict_do_update(index_elements=["tenant", "day"], set_=_MORE),
    "postgresql": postgresql.insert(usage)
    .values(_VALUES)
    .on_conflict_do_update(index_elements=["tenant", "day"], set_=_MORE),
}


def day_of(moment: datetime.datetime) -> str:
    """The day of a moment in UTC, as ``2026-11-29``."""
    return moment.astimezone(datetime.UTC).date().isoformat()


class Usage:
    """CPU seconds and runs, by tenant and day in UTC."""

    def __init__(self, connection: sqlalchemy.Connection, now: datetime.datetime) -> None:
        self._connection = connection
        self._day = day_of(now)

    def add(self, tenant: str, *, cpu_seconds: float, runs: int = 1) -> None:
        """Count more of it for today.

        Args:
            tenant: whose.
            cpu_seconds: that its guests used.
            runs: how many that were.

        Raises:
            ValueError: these are no seconds.
        """
        if not 0 <= cpu_seconds < math.inf:
            raise ValueError(f"no CPU seconds: {cpu_seconds!r}")
        self._connection.execute(
            _ADD[self._connection.dialect.name],
            {
                "of_tenant": tenant,
                "of_day": self._day,
                "more_runs": runs,
                "more_cpu": cpu_seconds,
            },
        )

    def of_day(self, day: str) -> dict[str, float]:
        """CPU seconds by tenant on a day."""
        found = self._connection.execute(
            select(usage.c.tenant, usage.c.cpu_seconds).where(usage.c.day == day)
        )
        return {row.tenant: row.cpu_seconds for row in found}

    def of_tenant(self, tenant: str, days: int = 31) -> list[tuple[str, int, float]]:
        """Days with their runs and CPU seconds, the latest first; at most ``days``."""
        found = self._connection.execute(
            select(usage.c.day, usage.c.runs, usage.c.cpu_seconds)
            .where(usage.c.tenant == tenant)
            .order_by(usage.c.day.desc())
            .limit(days)
        )
        return [(day, runs, seconds) for day, runs, seconds in found]
