"""The service's database, opened once it is needed: a client is listed tools before that."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from ringfence.errors import RingfenceError, StoreUnavailable
from ringfence.mcp.recording import StoreRecorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from ringfence.server.store import Store, Work

__all__ = ["LateRecorder", "LateStore", "open_store"]


def open_store(address: str | None) -> Store:
    """Open it, as a tool beside the service.

    Args:
        address: None is the service's own default.

    Raises:
        RingfenceError: it cannot be used.
    """
    from ringfence.server.settings import default_database
    from ringfence.server.store import Store

    return Store.open(default_database() if address is None else address, owning=False)


class LateStore:
    """Opens a database in the background, once. Used from one event loop.

    Args:
        address: None is the service's own default.

    Attributes:
        trouble: why it cannot be opened, for whoever waits for that.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._opening: asyncio.Task[Store] | None = None
        self.trouble: asyncio.Future[RingfenceError] = asyncio.get_running_loop().create_future()

    def begin(self) -> None:
        """Open it now, in the background."""
        if self._opening is None:
            self._opening = asyncio.create_task(asyncio.to_thread(open_store, self._address))
            self._opening.add_done_callback(self._opened)

    async def store(self) -> Store:
        """It, opened.

        Raises:
            StoreUnavailable: it cannot be.
        """
        self.begin()
        assert self._opening is not None
        try:
            return await asyncio.shield(self._opening)
        except RingfenceError as error:
            raise StoreUnavailable("the audit log cannot be opened") from error

    async def write(self, change: Callable[[Work], Any]) -> Any:
        """As :meth:`ringfence.server.store.Store.write`."""
        return await (await self.store()).write(change)

    async def close(self) -> None:
        """Close it, if it was opened."""
        if self._opening is not None:
            with contextlib.suppress(RingfenceError):
                await (await self._opening).close()

    def _opened(self, opening: asyncio.Task[Store]) -> None:
        if opening.cancelled() or self.trouble.done():
            return
        error = opening.exception()
        if isinstance(error, RingfenceError):
            self.trouble.set_result(error)


class LateRecorder(StoreRecorder):
    """Notes in a database that is opened late; nothing is done before it is.

    Args:
        store: the database.
    """

    def __init__(self, store: LateStore) -> None:
        super().__init__(store)
        self._late = store

    async def ready(self) -> None:
        """As :meth:`ringfence.mcp.recording.Recorder.ready`."""
        await self._late.store()
        await super().ready()
