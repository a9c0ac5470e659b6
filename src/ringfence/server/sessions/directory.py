"""The sessions of a server: which are alive, which were put aside, and how one comes back.

A session's guest is alive while it is used, and for a while after. So many of a tenant's are alive
at once, and so many of all; for one more, the one that was used least recently is saved and put
aside. Whoever asks for a session that is not alive gets it back from what was saved.

Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Literal

from ringfence.async_sandbox import AsyncSandbox
from ringfence.errors import (
    RingfenceError,
)
from ringfence.server.problems import Problem
from ringfence.server.sessions.ageing import Calendar
from ringfence.server.sessions.keeping import Keeper
from ringfence.server.sessions.record import (
    Durability,
    LostName,
    SessionRecord,
)
from ringfence.server.sessions.saving import Saving
from ringfence.server.sessions.session import Session
from ringfence.server.sessions.sweeping import Sweeping
from ringfence.server.sessions.waking import Waking

if TYPE_CHECKING:
    from ringfence.server.fleet import Fleet, Recipe
    from ringfence.server.operations.metrics import Metrics
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store

__all__ = ["Outcome", "Sessions"]

_log = logging.getLogger(__name__)

_AT_ONCE = 8
"""Sessions that are put aside at once."""

_QUICKLY = 2.0
"""Seconds that a guest has to hand over its variables when nobody has asked for it."""

_LEAST_SAVING = 5.0
"""Seconds that saving may take when the server stops, whatever the settings say."""

Outcome = Literal["kept", "rolled-back", "gone"]


class Sessions:
    """The live sessions, by tenant and id.

    Args:
        settings: what the operator decided.
        store: where they are kept.
        fleet: starts their guests.
        metrics: counts what happens to them.
        key: seals their states; at least 16 bytes.
    """

    def __init__(
        self, settings: Settings, store: Store, fleet: Fleet, metrics: Metrics, key: bytes
    ) -> None:
        self._settings, self._store, self._fleet, self._metrics = settings, store, fleet, metrics
        self.keeper = Keeper(key)
        self.saving = Saving(self.keeper, settings.sessions_kept)
        """Says what is saved of a session, and how."""
        self.waking = Waking(store, fleet, metrics, self.keeper)
        """Gives sessions their guests."""
        self._there: dict[tuple[str, str], Session] = {}
        # Those that are alive, the least recently used first; and how many each tenant has.
        self._live: OrderedDict[tuple[str, str], Session] = OrderedDict()
        self._of_tenant: dict[str, int] = {}
        self.sweeping = Sweeping(settings, store, self)
        """Looks after them while nobody asks."""

    # --- the server's life -------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to look for idle sessions."""
        await self.sweeping.start()

    async def close(self) -> None:
        """Save what is not saved, and end all guests. Turns have ended, or are not waited for."""
        await self.sweeping.stop()
        ending = [session for session in self._live.values() if session.box is not None]
        if not self._store.fenced:
            with contextlib.suppress(RingfenceError):
                await self.sweeping.see()
            # Whoever could not be saved before comes last, and nobody has more time than there is.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(_LEAST_SAVING, self._settings.shutdown_seconds)):
                    for trouble in (False, True):
                        some = [one for one in ending if one.unsavable is trouble]
                        await self._each(some, partial(self._put_aside_quietly, reason="shutdown"))
        for session in ending:
            if session.box is not None:
                await self.discard(session)

    @staticmethod
    async def _each(
        sessions: Iterable[Session], do: Callable[[Session], Awaitable[object]]
    ) -> None:
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

    @property
    def calendar(self) -> Calendar:
        """The time that is believed."""
        return self.sweeping.calendar

    @property
    def alive(self) -> int:
        """How many are alive."""
        return len(self._live)

    def is_live(self, tenant: str, session: str) -> bool:
        """Whether a session is alive."""
        return (tenant, session) in self._live

    def is_there(self, tenant: str, session: str) -> bool:
        """Whether a session is alive, or somebody uses it."""
        return (tenant, session) in self._there

    async def turn_of(self, tenant: str, session: str) -> int:
        """After which turn a session is; 0 if there is none."""
        live = self._live.get((tenant, session))
        record = None if live is None else live.record
        if record is None:
            record = await self._store.read(lambda work: work.sessions.get(tenant, session))
        return 0 if record is None else record.turns

    def cancel(self, tenant: str, session: str) -> bool:
        """End the turn that runs in a session; False if none does."""
        found = self._there.get((tenant, session))
        if found is None or found.stop is None:
            return False
        found.stop()
        return True

    def clear(self, tenant: str, session: str) -> None:
        """End the turn that runs in a session, and send away those that wait for it."""
        found = self._there.get((tenant, session))
        if found is not None:
            found.line.send_away(Problem("unknown", "this session was deleted meanwhile"))
            self.cancel(tenant, session)

    # --- holding one -------------------------------------------------------------------------

    @asynccontextmanager
    async def holding(
        self, tenant: str, name: str, *, queue: bool = True, patience: float = 60.0
    ) -> AsyncIterator[Session]:
        """A session that nobody else uses meanwhile; ``record`` is None if there is none.

        Raises:
            Problem: ``busy``.
        """
        key = tenant, name
        session = self._there.get(key)
        if session is None:
            session = self._there[key] = Session(tenant, name)
        session.users += 1
        try:
            await session.line.enter(queue=queue, patience=patience)
            try:
                if session.record is None:
                    await self._look_up(session)
                yield session
            finally:
                session.last_used = monotonic()
                session.line.leave()
        finally:
            session.users -= 1
            if not session.users and session.box is None:
                self._there.pop(key, None)

    async def _look_up(self, session: Session) -> None:
        tenant, name = session.tenant, session.id
        session.record = await self._store.read(lambda work: work.sessions.get(tenant, name))
        session.stored = session.record is not None

    @staticmethod
    def require(session: Session) -> SessionRecord:
        """The session's row.

        Raises:
            Problem: ``unknown``: there is none.
        """
        if session.record is None:
            raise Problem("unknown", "there is no session of this id")
        return session.record

    async def refuse_too_many(self, tenant: str) -> None:
        """Let a tenant have one session more.

        Raises:
            Problem: ``quota``.
        """
        count = await self._store.read(lambda work: work.sessions.count(tenant))
        if count >= self._settings.sessions_kept:
            raise self.saving.too_many()

    def make(self, session: Session, recipe: Recipe, durability: Durability) -> SessionRecord:
        """A session that is new; its row is kept with its first turn, or by :meth:`insert`."""
        now = datetime.datetime.now(datetime.UTC)
        session.record = SessionRecord(
            tenant=session.tenant,
            id=session.id,
            created=now,
            used=now,
            turns=0,
            saved_turn=None if durability == "never" else 0,
            durability=durability,
            recipe=recipe.as_json(),
            revision=1,
        )
        session.stored = False
        return session.record

    # --- its guest ---------------------------------------------------------------------------

    async def awake(self, session: Session) -> AsyncSandbox:
        """Its guest, which comes back from what was saved if it was put aside.

        Raises:
            Problem: ``lost``: it cannot come back. ``overloaded``: too many are in use.
                ``unavailable``, ``not-enforceable``: no guest could be started.
        """
        box = session.box
        if box is not None:
            if box.alive and box._is_there():
                self._live.move_to_end((session.tenant, session.id))
                return box
            await self.discard(session)
            await self._look_up(session)
        self.require(session)
        await self._make_room(session)
        try:
            await self.waking.wake(session)
        except BaseException:
            self._leave(session)
            raise
        assert session.box is not None
        return session.box

    def adopt(self, session: Session, box: AsyncSandbox) -> None:
        """Give a session a guest in place of the one that it has, which is closed elsewhere."""
        assert session.box is not None
        session.box = box

    async def room_for(self, session: Session) -> None:
        """Make room for a session whose guest comes from elsewhere: :meth:`settle` gives it one.

        Raises:
            Problem: ``overloaded``.
        """
        await self._make_room(session)

    def settle(self, session: Session, box: AsyncSandbox | None) -> None:
        """The guest of a session that was made room for; None: it did not come."""
        if box is None:
            self._leave(session)
        else:
            session.box = box

    async def discard(self, session: Session) -> None:
        """End its guest, whatever it has; the next call brings back what was saved."""
        box, session.box = session.box, None
        session.record, session.dirty = None, False
        session.restored, session.lost, session.file_digests = False, (), {}
        session.unsavable = False
        if box is not None:
            self._leave(session)
            await box.close()

    async def discard_all(self) -> None:
        """End all guests, whatever they have."""
        for session in list(self._live.values()):
            await self.discard(session)

    # --- saving ------------------------------------------------------------------------------

    async def save(self, session: Session, seconds: float | None = None) -> SessionRecord:
        """Save it now.

        Args:
            session: which.
            seconds: that its guest has for it.

        Raises:
            Problem: ``not-allowed``: it is never saved. ``lost``: its guest could not hand over
                its variables, and has ended. ``not-enforceable``: it could not, and lives.
        """
        if self.require(session).durability == "never":
            raise Problem("not-allowed", "the durability of this session is never: it is not saved")
        capture = await self.saving.capture(session, seconds)
        keeping = self.saving.keeping(session, capture)
        try:
            await self._store.write(keeping.write)
        except Problem as problem:
            # More than its tenant may have: that is so at the next time as well.
            session.unsavable = session.unsavable or problem.name == "quota"
            raise
        self.saving.kept(session, keeping)
        if isinstance(capture, LostName):
            assert session.box is not None
            if not session.box.alive:
                await self.discard(session)
                raise Problem(
                    "lost", f"{capture.reason}; its guest has ended, and it is as it was saved last"
                )
            raise Problem("not-enforceable", f"{capture.reason}; its guest lives on")
        return keeping.record

    async def put_aside(self, session: Session, reason: str) -> None:
        """Save it if it has to be, and end its guest.

        Raises:
            Problem: it cannot be saved; its guest lives.
        """
        if session.box is None:
            return
        if session.dirty and session.box.alive:
            await self.save(session)
        self._metrics.session_put_aside(reason)
        await self.discard(session)

    async def _put_aside_quietly(self, session: Session, reason: str) -> bool:
        """The same for one that nobody asked about; False if somebody has come to use it, or it
        cannot be saved now. One that could not be saved before is not tried again: at the end of
        its time it ends as it was saved last, which names what it lost.
        """
        if session.line.taken:
            return False
        try:
            async with self.holding(session.tenant, session.id, queue=False):
                if session.box is None:
                    return True
                if session.known.durability == "never":
                    self._metrics.session_put_aside(reason)
                    await self.discard(session)
                    return True
                if session.unsavable and session.dirty and session.box.alive:
                    if reason == "room":
                        return False
                    self._metrics.session_put_aside("unsaved")
                    await self.discard(session)
                    return True
                if session.dirty and session.box.alive:
                    await self.save(session, _QUICKLY)
                self._metrics.session_put_aside(reason)
                await self.discard(session)
        except Exception as error:
            _log.warning(
                "a session was not put aside: %s: %s", type(error).__name__, str(error)[:300]
            )
            return session.box is None
        return True

    # --- room --------------------------------------------------------------------------------

    async def _make_room(self, session: Session) -> None:
        """Count a session among the live ones, and put others aside for it.

        Raises:
            Problem: ``overloaded``: all are in use.
        """
        tenant = session.tenant
        self._live[tenant, session.id] = session
        self._of_tenant[tenant] = self._of_tenant.get(tenant, 0) + 1
        try:
            while self._of_tenant[tenant] > self._settings.sessions_per_tenant:
                await self._put_oldest_aside(session, tenant)
            while len(self._live) > self._settings.sessions_live:
                await self._put_oldest_aside(session, None)
        except BaseException:
            self._leave(session)
            raise

    async def _put_oldest_aside(self, but: Session, tenant: str | None) -> None:
        for session in list(self._live.values()):
            if session is but or (tenant is not None and session.tenant != tenant):
                continue
            if session.box is None or session.line.taken:
                continue
            if session.known.durability == "never":
                continue  # there is no bringing it back
            if await self._put_aside_quietly(session, "room"):
                return
        whose = "of this tenant's" if tenant is not None else "of all tenants"
        raise Problem(
            "overloaded",
            f"as many sessions {whose} are in use as may be, and none can be put aside",
            retry_after=1.0,
        )

    def _leave(self, session: Session) -> None:
        """Count it among the live ones no more."""
        if self._live.pop((session.tenant, session.id), None) is None:
            return
        left = self._of_tenant[session.tenant] - 1
        if left:
            self._of_tenant[session.tenant] = left
        else:
            del self._of_tenant[session.tenant]

    # --- time --------------------------------------------------------------------------------

    async def put_idle_aside(self) -> None:
        """Put aside those that nobody has used for a while."""
        before = monotonic() - self._settings.idle_seconds
        idle = [
            session
            for session in self._live.values()
            if session.box is not None and session.last_used < before and not session.users
        ]
        await self._each(idle, partial(self._put_aside_quietly, reason="idle"))
