"""What clients with keys may use: the quotas of their tenants, counted as the service counts them.

Runs at once and in a minute are counted in this process; CPU seconds of the day also in the
database, where the service adds its own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, Self

from ringfence.errors import StoreError, StoreUnavailable
from ringfence.server.access.quotas import Lease, QuotaKeeper, Quotas

if TYPE_CHECKING:
    from ringfence.server.access.caller import Caller
    from ringfence.server.store import Store, Work

__all__ = ["Allowances", "TenantAllowances", "Unbounded", "usual_quotas"]


class Allowances(Protocol):
    """Says whether a client's run may begin."""

    def begin(self, client: str) -> Lease:
        """Let it begin.

        Raises:
            Problem: ``quota``: one is used up; it says which, and when to come back.
        """

    def end(self, client: str, lease: Lease, cpu_seconds: float) -> None:
        """It ended."""


class Unbounded:
    """Of a client that is the user who started the server."""

    def begin(self, client: str) -> Lease:
        """As :meth:`Allowances.begin`."""
        return Lease(float("inf"), lambda seconds: None)

    def end(self, client: str, lease: Lease, cpu_seconds: float) -> None:
        """As :meth:`Allowances.end`."""
        lease.end(cpu_seconds)


class TenantAllowances:
    """Of clients with keys. Used from one event loop.

    Args:
        store: the service's database.
        keeper: of what was used.
    """

    def __init__(self, store: Store, keeper: QuotaKeeper) -> None:
        self._store = store
        self._keeper = keeper
        self._callers: dict[str, Caller] = {}
        self._owed: dict[str, tuple[float, int]] = {}
        self._writing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, store: Store) -> Self:
        """One that knows what was used today.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return cls(store, await QuotaKeeper.open(store))

    def know(self, client: str, caller: Caller) -> None:
        """Who a client is, and what its tenant may use from now on."""
        self._callers[client] = caller

    def begin(self, client: str) -> Lease:
        """As :meth:`Allowances.begin`."""
        return self._keeper.begin(self._callers[client])

    def end(self, client: str, lease: Lease, cpu_seconds: float) -> None:
        """As :meth:`Allowances.end`."""
        lease.end(cpu_seconds)
        self._owe(self._callers[client].tenant, max(0.0, cpu_seconds), 1)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def close(self) -> None:
        """Keep what was used last."""
        if self._writing is not None:
            await self._writing
        await self._write()

    def _owe(self, tenant: str, seconds: float, runs: int) -> None:
        seconds_before, runs_before = self._owed.get(tenant, (0.0, 0))
        self._owed[tenant] = seconds_before + seconds, runs_before + runs

    async def _write(self) -> None:
        while self._owed:
            owed, self._owed = self._owed, {}

            def change(work: Work, owed: dict[str, tuple[float, int]] = owed) -> None:
                for tenant, (seconds, runs) in owed.items():
                    work.usage.add(tenant, cpu_seconds=seconds, runs=runs)

            try:
                await self._store.write(change)
            except StoreError as error:
                # What may have been kept is not counted twice; what was not comes with the next.
                if isinstance(error, StoreUnavailable) and error.kept is False:
                    for tenant, (seconds, runs) in owed.items():
                        self._owe(tenant, seconds, runs)
                return


def usual_quotas() -> Quotas:
    """Of tenants that have none of their own: as the service's settings have them.

    Raises:
        ConfigurationError: these are wrong.
    """
    from ringfence.server.settings import Settings

    settings = Settings.read()
    return Quotas(settings.quota_concurrent, settings.quota_per_minute, settings.quota_cpu_seconds)
