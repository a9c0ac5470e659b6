"""A server that starts before its database does."""

from __future__ import annotations

import asyncio

from ringfence.server.store import Store
from tests.server.store.scenes import scenario, told
from tests.support.postgresql import PostgreSQL


@scenario
async def test_a_server_waits_for_a_database_that_is_being_started(
    postgresql: PostgreSQL, address: str
) -> None:
    postgresql.stop()
    starting = asyncio.ensure_future(asyncio.to_thread(Store.open, address, patience=60))
    await asyncio.to_thread(postgresql.start)
    store = await starting
    await store.write(told("after"))
    await store.close()
