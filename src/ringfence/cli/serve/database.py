"""A service's database, for one command: beside a server that runs, which goes on owning it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from ringfence.server.store import Work

__all__ = ["Database", "asked", "changed"]

T = TypeVar("T")

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="ADDRESS",
        help="The service's: sqlite:///PATH or postgresql://USER@HOST/NAME. "
        "[default: RINGFENCE_DATABASE, as for the service]",
    ),
]


def changed(database: str | None, change: Callable[[Work], T]) -> T:
    """Change something; the database is made if there is none.

    Raises:
        RingfenceError: as :meth:`ringfence.server.store.Store.open` and ``write`` do.
    """
    return asyncio.run(_in_store(database, change, writing=True))


def asked(database: str | None, ask: Callable[[Work], T]) -> T:
    """Read something, all of one moment; a database that is not there is an error.

    Raises:
        RingfenceError: as :meth:`ringfence.server.store.Store.open` and ``read`` do.
    """
    return asyncio.run(_in_store(database, ask, writing=False))


async def _in_store(database: str | None, work: Callable[[Work], T], *, writing: bool) -> T:
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store

    settings = Settings.read(**({} if database is None else {"database": database}))

    def opened() -> Store:
        return Store.open(settings.database, sync=settings.sync, owning=False, migrating=writing)

    store = await asyncio.to_thread(opened)
    try:
        return await (store.write(work) if writing else store.read(work, unhurried=True))
    finally:
        await store.close()
