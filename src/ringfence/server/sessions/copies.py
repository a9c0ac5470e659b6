"""Copies of sessions: forks that go their own way, snapshots, and the way back to one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ringfence.errors import (
    ConfigurationError,
    GuestFailure,
    PolicyNotEnforceable,
    StateRefused,
    StoreUnavailable,
)
from ringfence.server.problems import Problem
from ringfence.server.sessions.troubles import guest_failed
from ringfence.server.sessions.visits import Visits, exists

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.server.access.caller import Caller
    from ringfence.server.admission import Admission
    from ringfence.server.fleet import Fleet, Recipe
    from ringfence.server.sessions.directory import Sessions
    from ringfence.server.sessions.session import Session
    from ringfence.server.store import Store, Work

__all__ = ["Copies"]


class Copies:
    """Copies sessions.

    Args:
        store: where they are kept.
        fleet: starts their guests.
        admission: lends memory for guests beside those that have a place.
        sessions: those that are alive.
        visits: holds them and has them charged.
    """

    def __init__(
        self,
        store: Store,
        fleet: Fleet,
        admission: Admission,
        sessions: Sessions,
        visits: Visits,
    ) -> None:
        self._store, self._fleet, self._admission = store, fleet, admission
        self._sessions, self._visits = sessions, visits

    async def fork(self, caller: Caller, session_id: str, new_id: str | None) -> dict[str, Any]:
        """A second session that goes on where this one is.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``, ``exists``, ``quota``.
        """
        if new_id == session_id:
            raise exists()
        async with self._visits.awake(caller, session_id) as (session, box):
            record = session.known
            recipe = self._fleet.recipe_from(record.recipe)
            async with self._visits.making(caller, new_id) as twin:
                await self._admission.room(twin.memory, int(recipe.limits.memory), session.memory)
                await self._sessions.room_for(twin)
                other: AsyncSandbox | None = None
                exact = True
                try:
                    try:
                        other = await box.fork()
                    except PolicyNotEnforceable:
                        exact = False
                        other = await self._copied(caller, session, twin, recipe)
                finally:
                    self._sessions.settle(twin, other)
                made = self._sessions.make(twin, recipe, record.durability)
                made.turns = record.turns
                twin.dirty = True
                capture = None
                if record.durability != "never":
                    capture = await self._visits.captured(twin)
                lost = self._sessions.waking.lost_of(other)
                made = await self._visits.keep(twin, capture, caller, "session.forked")
                told = {**self._visits.told(made), "exact": exact}
                if not exact:
                    told["lost"] = lost
                return told

    async def _copied(
        self, caller: Caller, session: Session, twin: Session, recipe: Recipe
    ) -> AsyncSandbox:
        """A guest with the variables and files of another's."""
        keeper = self._sessions.keeper
        capture = await self._visits.captured(session, whole=True)
        try:
            state = await asyncio.to_thread(
                keeper.move, capture.state, caller.tenant, session.id, twin.id
            )
            files = dict(capture.files.written)
            with self._fleet.starting(recipe, caller.tenant):
                return await self._sessions.waking.thaw(
                    recipe, caller.tenant, twin.id, state, files
                )
        except GuestFailure as error:
            raise guest_failed(error) from None

    async def snapshot(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """Keep a session exactly as it is now.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``; ``not-enforceable``: its engine cannot.
        """
        async with self._visits.awake(caller, session_id) as (session, box):
            key, context = self._sessions.keeper.opening(caller.tenant, session_id)
            try:
                data = await box.snapshot(key=key, context=context)
            except PolicyNotEnforceable as error:
                raise Problem("not-enforceable", str(error)) from None
            record = session.known
            turn = record.turns

            def keep(work: Work) -> Any:
                made = work.sessions.add_snapshot(caller.tenant, session_id, turn, data)
                work.audit.append(
                    "session.snapshot", caller.tenant, caller.key_id, {"session": session_id}
                )
                return made

            made = await self._store.write(keep)
            return {"snapshot_id": made.id, "turn": made.turn, "bytes": made.bytes}

    async def rollback(
        self, caller: Caller, session_id: str, snapshot_id: str | None
    ) -> dict[str, Any]:
        """Take a session back to a snapshot, exactly.

        Raises:
            Problem: ``unknown``: no such session or snapshot. ``busy``. ``not-enforceable``: its
                engine cannot.
        """
        tenant = caller.tenant
        async with (
            self._visits.awake(caller, session_id) as (session, old),
            self._admission.beside(session.memory, int(old.limits.memory)),
        ):
            found = await self._store.read(
                lambda work: work.sessions.snapshot(tenant, session_id, snapshot_id)
            )
            if found is None:
                if not await self._can_freeze(old):
                    raise Problem(
                        "not-enforceable",
                        f"the engine {old.engine} has no snapshots to roll back to; an exact copy "
                        "of a guest needs one whose memory is all of it, such as wasi",
                    )
                raise Problem("unknown", "there is no snapshot of this id in this session")
            made, data = found
            record = session.known
            recipe = self._fleet.recipe_from(record.recipe)
            try:
                with self._fleet.starting(recipe, tenant):
                    box = await self._sessions.waking.thaw(recipe, tenant, session_id, data, {})
            except (StateRefused, GuestFailure, ConfigurationError) as error:
                raise Problem("lost", f"the snapshot cannot come back: {error}") from None
            try:
                capture = None
                if record.durability != "never":
                    capture = await self._visits.captured(session, box)
                before, record.turns = record.turns, made.turn
                keeping = self._sessions.saving.keeping(session, capture)
                record.turns = before

                def keep(work: Work) -> None:
                    keeping.write(work)
                    work.audit.append(
                        "session.rolled-back", tenant, caller.key_id, {"session": session_id}
                    )

                await self._store.write(keep)
            except StoreUnavailable as error:
                await box.close()
                if error.kept is None:  # nobody knows which of both it is: the database does
                    await self._sessions.discard(session)
                raise
            except BaseException:
                await box.close()
                raise
            self._sessions.adopt(session, box)
            self._sessions.saving.kept(session, keeping)
            await old.close()
            return self._visits.told(keeping.record)

    async def _can_freeze(self, box: AsyncSandbox) -> bool:
        try:
            twin = await box.fork()
        except PolicyNotEnforceable:
            return False
        await twin.close()
        return True
