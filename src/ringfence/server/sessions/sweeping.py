"""Looking after sessions while nobody asks: idle ones are put aside, and old ones are deleted."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING

from ringfence.server.sessions import weighing
from ringfence.server.sessions.ageing import Calendar

if TYPE_CHECKING:
    from ringfence.server.sessions.directory import Sessions
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store, Work

__all__ = ["Sweeping"]

_log = logging.getLogger(__name__)

_SWEEPS = 4
"""How often idle sessions are looked for within ``idle_seconds``."""

_SEEING = 60.0
"""Seconds between two notes of the time that is believed."""

_EXPIRING = 200
"""Sessions that one sweep deletes."""

_RECEIPTS = 1_000
"""Receipts that one transaction deletes; a sweep goes on until there are no more."""


class Sweeping:
    """Sweeps until it is stopped.

    Args:
        settings: what the operator decided.
        store: where sessions are kept.
        sessions: whose they are.
    """

    def __init__(self, settings: Settings, store: Store, sessions: Sessions) -> None:
        self._settings, self._store, self._sessions = settings, store, sessions
        self.calendar = Calendar()
        self._task: asyncio.Task[None] | None = None
        self._seen = monotonic()

    async def start(self) -> None:
        """Begin."""
        self.calendar = Calendar(await self._store.read(lambda work: work.sessions.seen()))
        await self.see()
        self._task = asyncio.create_task(self._sweep(), name="ringfence-sessions")

    async def stop(self) -> None:
        """Sweep no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def see(self) -> None:
        """Remember the time that is believed."""
        moment = self.calendar.now()
        await self._store.write(lambda work: work.sessions.see(moment))
        self._seen = monotonic()

    async def _sweep(self) -> None:
        """Put idle sessions aside, and delete those that nobody has used for long."""
        pause = min(5.0, self._settings.idle_seconds / _SWEEPS)
        while True:
            await asyncio.sleep(pause)
            try:
                if self._store.fenced:
                    await self._sessions.discard_all()
                    return
                if monotonic() - self._seen >= _SEEING:
                    await self.see()
                weighing.weigh_again(self._sessions.live)
                await self._sessions.aside.put_idle()
                await self.expire()
            except Exception as error:
                _log.warning(
                    "sessions were not looked after: %s: %s", type(error).__name__, str(error)[:300]
                )

    async def expire(self) -> None:
        """Delete sessions that nobody has used for long, and receipts that nobody may ask for."""
        settings = self._settings
        sessions = self.calendar.before(settings.keep_sessions_seconds)
        replies = self.calendar.before(settings.keep_replies_seconds)
        found = await self._store.read(lambda work: work.sessions.unused_since(sessions, _EXPIRING))
        gone = [key for key in found if not self._sessions.is_there(*key)]

        def remove(work: Work) -> None:
            for tenant, name in gone:
                work.sessions.delete(tenant, name)
                work.audit.append("session.expired", tenant, None, {"session": name})

        if gone:
            await self._store.write(remove)
        old = await self._store.read(lambda work: work.receipts.any_before(replies))
        while old:  # what others change comes between
            went = await self._store.write(
                lambda work: work.receipts.forget_before(replies, _RECEIPTS)
            )
            old = went == _RECEIPTS
