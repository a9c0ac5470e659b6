"""Who may use an async sandbox now. Apart from :mod:`.turnstile`: asyncio takes long to import."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from ringfence.errors import SandboxBusy
from ringfence.runtime.turnstile import BUSY

__all__ = ["AsyncTurnstile"]


class AsyncTurnstile:
    """For tasks of one loop."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None

    @property
    def is_mine(self) -> bool:
        """Whether the calling task holds it."""
        return self._holder is not None and self._holder is asyncio.current_task()

    def refuse_holder(self) -> None:
        """Raise SandboxBusy if the calling task holds it."""
        if self.is_mine:
            raise SandboxBusy(BUSY)

    def claim(self) -> None:
        """The turn goes on in the calling task."""
        self._holder = asyncio.current_task()

    async def acquire(self) -> None:
        """Wait for it.

        Raises:
            SandboxBusy: the calling task holds it.
        """
        self.refuse_holder()
        await self._lock.acquire()
        self.claim()

    def release(self) -> None:
        """Let the next one through."""
        self._holder = None
        self._lock.release()

    async def __aenter__(self) -> Self:
        await self.acquire()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
