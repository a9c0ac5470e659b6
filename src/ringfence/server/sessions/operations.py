"""What can be done with sessions, beside running code in them: made, looked at, saved, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ringfence.errors import GuestFailure, StateRefused
from ringfence.server.problems import Problem
from ringfence.server.sessions.troubles import file_problems, guest_failed

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.server.access.caller import Caller
    from ringfence.server.fleet import Fleet, Recipe
    from ringfence.server.sessions.directory import Sessions
    from ringfence.server.sessions.record import Durability
    from ringfence.server.sessions.visits import Visits
    from ringfence.server.store import Store, Work

__all__ = ["Operations"]

_LOST_OF_A_PAGE = 10
"""Names of what was lost that a session in a list tells; the session itself tells all."""

_MOST_OF_A_PAGE = 1_000


class Operations:
    """Makes, lists, reads, saves and deletes sessions.

    Args:
        store: where they are kept.
        fleet: starts their guests.
        sessions: those that are alive.
        visits: holds them and has them charged.
    """

    def __init__(self, store: Store, fleet: Fleet, sessions: Sessions, visits: Visits) -> None:
        self._store, self._fleet = store, fleet
        self._sessions, self._visits = sessions, visits

    # --- making ------------------------------------------------------------------------------

    async def create(
        self,
        caller: Caller,
        session_id: str | None,
        recipe: Recipe,
        durability: Durability,
        files: Mapping[str, bytes],
    ) -> dict[str, Any]:
        """A new session; its guest starts with its first turn, unless it has files.

        Raises:
            Problem: ``exists``, ``quota``, ``malformed``.
        """
        async with self._visits.making(caller, session_id) as session:
            self._sessions.make(session, recipe, durability)
            capture = None
            if files:
                async with self._visits.place(caller, session):
                    box = await self._sessions.awake(session)
                    for name, content in files.items():
                        with file_problems():
                            await box.files.write(name, content)
                    session.dirty = True
                    if durability != "never":
                        capture = await self._visits.captured(session)
            return self._visits.told(
                await self._visits.keep(session, capture, caller, "session.created")
            )

    async def restore(
        self,
        caller: Caller,
        session_id: str | None,
        recipe: Recipe,
        durability: Durability,
        state: bytes,
    ) -> dict[str, Any]:
        """A new session from a state that a client kept.

        Raises:
            Problem: ``exists``, ``quota``; ``malformed``: the state is none of this tenant's and
                this service's, or the guest could not restore it.
        """
        async with (
            self._visits.making(caller, session_id) as session,
            self._visits.place(caller, session, int(recipe.limits.memory)) as spent,
        ):
            began = perf_counter()
            try:
                own, files = await asyncio.to_thread(
                    self._sessions.keeper.admit, state, caller.tenant, session.id, recipe.limits
                )
            except StateRefused as error:
                raise Problem("malformed", f"the saved state is refused: {error}") from None
            self._sessions.make(session, recipe, durability)
            await self._sessions.room_for(session)
            box: AsyncSandbox | None = None
            try:
                with self._fleet.starting(recipe, caller.tenant):
                    box = await self._sessions.waking.thaw(
                        recipe, caller.tenant, session.id, own, files
                    )
            except (StateRefused, GuestFailure) as error:
                spent.add(perf_counter() - began)
                raise Problem("malformed", f"the saved state cannot be restored: {error}") from None
            finally:
                self._sessions.settle(session, box)
            spent.watch(box, 0.0)
            session.dirty = True
            lost = self._sessions.waking.lost_of(box)
            capture = None if durability == "never" else await self._visits.captured(session)
            record = await self._visits.keep(session, capture, caller, "session.restored")
            return {**self._visits.told(record), "lost": lost}

    # --- looking -----------------------------------------------------------------------------

    async def page(self, caller: Caller, limit: int, after: str) -> dict[str, Any]:
        """Sessions of a tenant, in the order of their ids."""
        limit = max(1, min(limit, _MOST_OF_A_PAGE))
        tenant = caller.tenant
        found = await self._store.read(lambda work: work.sessions.page(tenant, after, limit + 1))
        more = len(found) > limit
        shown = found[:limit]
        return {
            "sessions": [self._visits.told(record, _LOST_OF_A_PAGE) for record in shown],
            "next": shown[-1].id if more else None,
        }

    async def get(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """A session.

        Raises:
            Problem: ``unknown``.
        """
        tenant = caller.tenant
        record = await self._store.read(lambda work: work.sessions.get(tenant, session_id))
        if record is None:
            raise _unknown()
        return self._visits.told(record)

    async def variables(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """The variables of a session, as its guest describes them.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``.
        """
        async with self._visits.awake(caller, session_id) as (_, box):
            try:
                described = await box.variables()
            except GuestFailure as error:
                raise guest_failed(error) from None
            return {
                name: {"name": name, "type_name": v.type, "size": v.size, "summary": v.summary}
                for name, v in described.items()
            }

    # --- keeping -----------------------------------------------------------------------------

    async def save(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """Save a session now.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``, ``not-allowed``.
        """
        async with self._visits.holding(caller, session_id) as session:
            if session.box is not None:
                async with self._visits.spending(caller, session):
                    await self._sessions.aside.save(session)
            return self._visits.told(session.known)

    async def put_aside(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """Save a session and end its guest.

        Raises:
            Problem: ``unknown``, ``busy``, ``not-allowed``.
        """
        async with self._visits.holding(caller, session_id) as session:
            if session.known.durability == "never":
                raise Problem(
                    "not-allowed",
                    "the durability of this session is never: put aside, it would be lost; "
                    "delete it",
                )
            async with self._visits.spending(caller, session):
                if session.dirty and session.box is not None and session.box.alive:
                    await self._sessions.aside.save(session)
            record = session.known
            await self._sessions.aside.put(session, "asked")
            return self._visits.told(record)

    async def state(self, caller: Caller, session_id: str) -> bytes:
        """The variables and files of a session, for its tenant to keep.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``.
        """
        async with self._visits.awake(caller, session_id) as (session, _):
            capture = await self._visits.captured(session, whole=True)
            if session.known.durability != "never":
                files = capture.files.since(session.file_digests)
                await self._visits.keep(session, replace(capture, files=files), None, "")
            return await asyncio.to_thread(
                self._sessions.keeper.export,
                capture.state,
                capture.files.written,
                caller.tenant,
                session.id,
            )

    async def delete(self, caller: Caller, session_id: str) -> None:
        """Remove a session and all that is kept of it; a turn that runs in it is ended first.

        Raises:
            Problem: ``unknown``.
        """
        tenant = caller.tenant
        self._sessions.clear(tenant, session_id)
        async with self._visits.holding(caller, session_id) as session:

            def remove(work: Work) -> None:
                work.sessions.delete(tenant, session_id)
                work.audit.append("session.deleted", tenant, caller.key_id, {"session": session_id})

            await self._store.write(remove)
            await self._sessions.discard(session)


def _unknown() -> Problem:
    return Problem("unknown", "there is no session of this id")
