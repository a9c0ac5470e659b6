"""What clients with keys have used, where the database that keeps it is away for a while."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ringfence.mcp.server.allowances import TenantAllowances
from ringfence.server.access.caller import Caller
from ringfence.server.access.quotas import Quotas
from ringfence.server.store import Store

CALLER = Caller("acme", None, frozenset({"run"}), Quotas(100, 100_000, 1e6))


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """It is somebody else's meanwhile."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


async def used(store: Store) -> list[tuple[int, float]]:
    kept = await store.read(lambda work: work.usage.of_tenant("acme"))
    return [(runs, seconds) for _, runs, seconds in kept]


def test_what_was_used_while_the_database_was_away_is_kept_with_the_next(tmp_path: Path) -> None:
    file = tmp_path / "service.db"

    async def scene() -> None:
        store = await asyncio.to_thread(Store.open, f"sqlite:///{file}", patience=0.2)
        allowances = await TenantAllowances.open(store)
        allowances.know("client", CALLER)

        async def run(seconds: float) -> None:
            allowances.end("client", allowances.begin("client"), seconds)
            assert allowances._writing is not None
            await allowances._writing

        await run(1.0)
        assert await used(store) == [(1, 1.0)]
        with locked(file):
            await run(2.0)
            await run(4.0)
        assert await used(store) == [(1, 1.0)]
        await run(8.0)
        assert await used(store) == [(4, 15.0)]
        with locked(file):
            await run(16.0)
        await allowances.close()
        assert await used(store) == [(5, 31.0)]
        await store.close()

    asyncio.run(scene())
