"""The sessions of a server: which are alive, which were put aside, and how one comes back.

A session's guest is alive while it is used, and for a while after. So many of a tenant's are alive
at once, and so many of all; for one more, the one that was used least recently is saved and put
aside. Whoever asks for a session that is not alive gets it back from what was saved.

Belongs to one event loop.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Literal

from ringfence.async_sandbox import AsyncSandbox
from ringfence.errors import RingfenceError
from ringfence.server.problems import Problem
from ringfence.server.sessions import weighing
from ringfence.server.sessions.ageing import Calendar
from ringfence.server.sessions.aside import Aside
from ringfence.server.sessions.keeping import Keeper
from ringfence.server.sessions.living import Living
from ringfence.server.sessions.record import Durability, SessionRecord
from ringfence.server.sessions.saving import Saving
from ringfence.server.sessions.session import Session
from ringfence.server.sessions.sweeping import Sweeping
from ringfence.server.sessions.waking import Waking

if TYPE_CHECKING:
    from ringfence.server.fleet import Fleet, Recipe
    from ringfence.server.memory import Memory
    from ringfence.server.operations.metrics import Metrics
    from ringfence.server.operations.tracing import Tracing
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store

__all__ = ["Outcome", "Sessions"]

Outcome = Literal["kept", "rolled-back", "gone"]


class Sessions:
    """The live sessions, by tenant and id.

    Args:
        settings: what the operator decided.
        store: where they are kept.
        fleet: starts their guests.
        metrics: counts what happens to them.
        key: seals their states; at least 16 bytes.
        memory: what their guests hold is told to it.
        tracing: times how they are saved.

    Attributes:
        live: those whose guests are alive.
        saving: says what is saved of a session, and how.
        waking: gives sessions their guests.
        aside: saves sessions and puts them aside.
        sweeping: looks after them while nobody asks.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        fleet: Fleet,
        metrics: Metrics,
        key: bytes,
        memory: Memory,
        tracing: Tracing,
    ) -> None:
        self._settings, self._store, self._fleet = settings, store, fleet
        self._memory = memory
        self.keeper = Keeper(key, tracing)
        self.saving = Saving(self.keeper, settings.sessions_kept)
        self.waking = Waking(store, fleet, metrics, self.keeper)
        self._there: dict[tuple[str, str], Session] = {}
        self.live = Living()
        self.aside = Aside(settings, store, self.saving, self, metrics)
        self.sweeping = Sweeping(settings, store, self)

    # --- the server's life -------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to look for idle sessions."""
        await self.sweeping.start()

    async def close(self) -> None:
        """Save what is not saved, and end all guests. Turns have ended, or are not waited for."""
        await self.sweeping.stop()
        ending = [session for session in self.live if session.box is not None]
        if not self._store.fenced:
            with contextlib.suppress(RingfenceError):
                await self.sweeping.see()
            await self.aside.put_all(ending)
        for session in ending:
            if session.box is not None:
                await self.discard(session)

    @property
    def calendar(self) -> Calendar:
        """The time that is believed."""
        return self.sweeping.calendar

    @property
    def alive(self) -> int:
        """How many are alive."""
        return len(self.live)

    def is_live(self, tenant: str, session: str) -> bool:
        """Whether a session is alive."""
        return self.live.has(tenant, session)

    def is_there(self, tenant: str, session: str) -> bool:
        """Whether a session is alive, or somebody uses it."""
        return (tenant, session) in self._there

    async def turn_of(self, tenant: str, session: str) -> int:
        """After which turn a session is; 0 if there is none."""
        live = self.live.find(tenant, session)
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
            session = self._there[key] = Session(tenant, name, self._memory.holding(tenant))
        session.users += 1
        try:
            await session.line.enter(queue=queue, patience=patience)
            try:
                if session.record is None:
                    await self._look_up(session)
                yield session
            finally:
                session.last_used = monotonic()
                if session.box is None and not session.stored:
                    session.record = None  # it was to be made and was not: there is none
                weighing.settle(session)
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

    def needs(self, session: Session) -> int:
        """Bytes of memory that its guest may use.

        Raises:
            Problem: ``not-allowed``: what it needs is not allowed any more.
        """
        if session.box is not None:
            return int(session.box.limits.memory)
        return int(self._fleet.recipe_from(self.require(session).recipe).limits.memory)

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
                self.live.used(session)
                return box
            await self.discard(session)
            await self._look_up(session)
        self.require(session)
        await self._make_room(session)
        try:
            await self.waking.wake(session)
        except BaseException:
            self.live.remove(session)
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
            self.live.remove(session)
        else:
            session.box = box

    async def discard(self, session: Session) -> None:
        """End its guest, whatever it has; the next call brings back what was saved."""
        box, session.box = session.box, None
        session.record, session.dirty = None, False
        session.restored, session.lost, session.file_digests = False, (), {}
        session.unsavable = False
        if box is not None:
            self.live.remove(session)
            try:
                await box.close()
            finally:
                if not session.line.taken:  # who has it counts what it has when it is done
                    session.memory.end()

    async def discard_all(self) -> None:
        """End all guests, whatever they have."""
        for session in self.live:
            await self.discard(session)

    # --- room --------------------------------------------------------------------------------

    async def _make_room(self, session: Session) -> None:
        """Count a session among the live ones, and put others aside for it.

        Raises:
            Problem: ``overloaded``: all are in use.
        """
        settings, tenant = self._settings, session.tenant
        self.live.add(session)
        try:
            while self.live.of(tenant) > settings.sessions_per_tenant:
                await self._put_oldest_aside(tenant)
            while len(self.live) > settings.sessions_live:
                await self._put_oldest_aside(None)
        except BaseException:
            self.live.remove(session)
            raise

    async def _put_oldest_aside(self, tenant: str | None) -> None:
        if await self.aside.put_one("room", lambda one: tenant in (None, one.tenant)):
            return
        whose = "of this tenant's" if tenant is not None else "of all tenants"
        raise Problem(
            "overloaded",
            f"as many sessions {whose} are in use as may be, and none can be put aside",
            retry_after=1.0,
        )
