"""Saving sessions and ending their guests: because somebody asks, nobody has for long, or another
needs the room.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Literal

from ringfence.server.problems import Problem
from ringfence.server.sessions.record import LostName, SessionRecord

if TYPE_CHECKING:
    from ringfence.server.operations.metrics import Metrics
    from ringfence.server.sessions.directory import Sessions
    from ringfence.server.sessions.saving import Saving
    from ringfence.server.sessions.session import Session
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store

__all__ = ["Aside", "Reason"]

_log = logging.getLogger(__name__)

_AT_ONCE = 8
"""Sessions that are put aside at once."""

_QUICKLY = 2.0
"""Seconds that a guest has to hand over its variables when nobody has asked for it."""

_LEAST_SAVING = 5.0
"""Seconds that saving may take when the server stops, whatever the settings say."""

Reason = Literal["asked", "idle", "room", "memory", "shutdown"]

_FOR_ANOTHER = frozenset({"room", "memory"})


class Aside:
    """Saves sessions and puts them aside.

    Args:
        settings: what the operator decided.
        store: where they are kept.
        saving: says what is saved of one.
        sessions: whose they are.
        metrics: counts what happens to them.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        saving: Saving,
        sessions: Sessions,
        metrics: Metrics,
    ) -> None:
        self._settings, self._store, self._saving = settings, store, saving
        self._sessions, self._metrics = sessions, metrics

    # --- one ---------------------------------------------------------------------------------

    async def save(self, session: Session, seconds: float | None = None) -> SessionRecord:
        """Save it now.

        Args:
            session: which.
            seconds: that its guest has for it.

        Raises:
            Problem: ``not-allowed``: it is never saved. ``lost``: its guest could not hand over
                its variables, and has ended. ``not-enforceable``: it could not, and lives.
        """
        if self._sessions.require(session).durability == "never":
            raise Problem("not-allowed", "the durability of this session is never: it is not saved")
        capture = await self._saving.capture(session, seconds)
        keeping = self._saving.keeping(session, capture)
        try:
            await self._store.write(keeping.write)
        except Problem as problem:
            # More than its tenant may have: that is so at the next time as well.
            session.unsavable = session.unsavable or problem.name == "quota"
            raise
        self._saving.kept(session, keeping)
        if isinstance(capture, LostName):
            assert session.box is not None
            if not session.box.alive:
                await self._sessions.discard(session)
                raise Problem(
                    "lost", f"{capture.reason}; its guest has ended, and it is as it was saved last"
                )
            raise Problem("not-enforceable", f"{capture.reason}; its guest lives on")
        return keeping.record

    async def put(self, session: Session, reason: Reason) -> None:
        """Save it if it has to be, and end its guest.

        Raises:
            Problem: it cannot be saved; its guest lives.
        """
        if session.box is None:
            return
        if session.dirty and session.box.alive:
            await self.save(session)
        self._metrics.session_put_aside(reason)
        await self._sessions.discard(session)

    async def put_quietly(self, session: Session, reason: Reason) -> bool:
        """The same for one that nobody asked about; False if somebody has come to use it, or it
        cannot be saved now. One that could not be saved before is not tried again: at the end of
        its time it ends as it was saved last, which names what it lost.
        """
        if session.line.taken:
            return False
        sessions, metrics = self._sessions, self._metrics
        try:
            async with sessions.holding(session.tenant, session.id, queue=False):
                if session.box is None:
                    return True
                if session.known.durability == "never":
                    metrics.session_put_aside(reason)
                    await sessions.discard(session)
                    return True
                if session.unsavable and session.dirty and session.box.alive:
                    if reason in _FOR_ANOTHER:
                        return False
                    metrics.session_put_aside("unsaved")
                    await sessions.discard(session)
                    return True
                if session.dirty and session.box.alive:
                    await self.save(session, _QUICKLY)
                metrics.session_put_aside(reason)
                await sessions.discard(session)
        except Exception as error:
            _log.warning(
                "a session was not put aside: %s: %s", type(error).__name__, str(error)[:300]
            )
            return session.box is None
        return True

    # --- some --------------------------------------------------------------------------------

    async def put_one(self, reason: Reason, which: Callable[[Session], bool]) -> bool:
        """Put the one aside that was used least recently, of some that rest; False if none can be.

        Args:
            reason: why.
            which: the sessions that may be.
        """
        for session in self._sessions.live:
            if session.box is None or session.line.taken or not which(session):
                continue
            if session.known.durability == "never":
                continue  # there is no bringing it back
            if await self.put_quietly(session, reason):
                return True
        return False

    async def put_idle(self) -> None:
        """Put aside those that nobody has used for a while."""
        before = monotonic() - self._settings.idle_seconds
        idle = [
            session
            for session in self._sessions.live
            if session.box is not None and session.last_used < before and not session.users
        ]
        await _each(idle, partial(self.put_quietly, reason="idle"))

    async def put_all(self, sessions: Iterable[Session]) -> None:
        """Put these aside because the server stops. Nobody has more time than there is."""
        ending = list(sessions)
        # Whoever could not be saved before comes last.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(_LEAST_SAVING, self._settings.shutdown_seconds)):
                for trouble in (False, True):
                    some = [one for one in ending if one.unsavable is trouble]
                    await _each(some, partial(self.put_quietly, reason="shutdown"))


async def _each(sessions: Iterable[Session], do: Callable[[Session], Awaitable[object]]) -> None:
    """Do something with sessions, several at once: one of a tenant's after the other."""
    lines: dict[str, list[Session]] = {}
    for session in sessions:
        lines.setdefault(session.tenant, []).append(session)
    places = asyncio.Semaphore(_AT_ONCE)

    async def go_along(line: list[Session]) -> None:
        for session in line:
            async with places:
                await do(session)

    async with asyncio.TaskGroup() as going:
        for line in lines.values():
            going.create_task(go_along(line))
