"""What the tests of the store have in common."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from ringfence.database.chain import Head, verify
from ringfence.errors import StoreNotUsable
from ringfence.server.store import Store, Work
from ringfence.server.store.audit import AuditRow

__all__ = ["audit_of", "opened", "raised", "scenario", "told", "verified"]


def scenario(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test that is a coroutine."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        async def bounded() -> None:
            await asyncio.wait_for(test(*arguments, **named), 120)

        asyncio.run(bounded())

    return run


@contextlib.asynccontextmanager
async def opened(address: str, **options: Any) -> AsyncIterator[Store]:
    """A store, which is closed at the end of the block."""
    store = await asyncio.to_thread(Store.open, address, **options)
    try:
        yield store
    finally:
        await store.close()


def told(kind: str, tenant: str = "acme") -> Callable[[Work], None]:
    """A change that appends to the audit."""
    return lambda work: work.audit.append(kind, tenant, None, {})


async def audit_of(store: Store) -> list[AuditRow]:
    return await store.read(lambda work: list(work.audit.rows()))


async def raised(
    work: Awaitable[Any], kind: type[BaseException] | tuple[type[BaseException], ...]
) -> Any:
    """What it raises, which is of a kind."""
    try:
        await work
    except kind as error:
        return error
    raise AssertionError(f"it raised nothing, and not {kind}")


async def verified(store: Store, noted: Head | None = None) -> int:
    """How many rows there are, once the chain was verified."""

    def check(work: Work) -> int:
        head = work.audit.head()
        return verify(work.audit.rows(), head, noted=noted, refused=StoreNotUsable)

    return await store.read(check)
