"""Keys that did not hold, for the audit: a few rows, however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ringfence.errors import StoreError

if TYPE_CHECKING:
    from ringfence.server.store import Store, Work

__all__ = ["Refusals"]

_EVERY = 60.0
_MOST_IDS = 20


class Refusals:
    """Counts refusals; the first is written at once, and those after it once a minute.

    Args:
        store: where the audit is.
        monotonic: seconds that never go back.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._monotonic = monotonic
        self._count = 0
        self._ids: dict[str, int] = {}
        self._written = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def note(self, key_id: str | None) -> None:
        """A key was refused.

        Args:
            key_id: its visible part; None where it was none.
        """
        self._count += 1
        if key_id is not None and (key_id in self._ids or len(self._ids) < _MOST_IDS):
            self._ids[key_id] = self._ids.get(key_id, 0) + 1
        waits = self._task is not None and not self._task.done()
        if not waits and self._monotonic() - self._written >= _EVERY:
            self._task = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Write what was counted."""
        if self._task is not None:
            await self._task
        await self._write()

    async def _write(self) -> None:
        count, ids = self._count, self._ids
        if not count:
            return
        self._count, self._ids = 0, {}
        self._written = self._monotonic()

        def change(work: Work) -> None:
            work.audit.append("access.denied", "", None, {"count": count, "keys": ids})

        try:
            await self._store.write(change)
        except StoreError:  # nobody is let in meanwhile either: count it with the next ones
            self._count += count
            for key_id, times in ids.items():
                self._ids[key_id] = self._ids.get(key_id, 0) + times
