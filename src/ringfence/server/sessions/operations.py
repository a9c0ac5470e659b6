"""What can be done with sessions, beside running code in them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ringfence.errors import (
    ConfigurationError,
    GuestFailure,
    PolicyNotEnforceable,
    RingfenceError,
    SandboxClosed,
    StateRefused,
    StoreUnavailable,
)
from ringfence.server.problems import Problem
from ringfence.server.sessions.keeping import Capture, Unsaved
from ringfence.server.sessions.record import MOST_LOST
from ringfence.server.sessions.spending import Spending
from ringfence.server.sessions.troubles import file_problems, guest_failed

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.server.access.caller import Caller
    from ringfence.server.access.quotas import QuotaKeeper
    from ringfence.server.admission import Admission
    from ringfence.server.fleet import Fleet, Recipe
    from ringfence.server.sessions.directory import Sessions
    from ringfence.server.sessions.record import Durability, SessionRecord
    from ringfence.server.sessions.session import Session
    from ringfence.server.store import Store, Work

__all__ = ["Operations"]

_PATIENCE = 30.0
"""Seconds that an operation waits for a session's turn to end."""

_TOLD = 0.02
"""CPU seconds from which on the database is told of them; of less only the running quota knows."""

_LOST_OF_A_PAGE = 10
"""Names of what was lost that a session in a list tells; the session itself tells all."""

_MOST_OF_A_PAGE = 1_000


class Operations:
    """Makes, lists, reads, copies, saves and deletes sessions.

    Args:
        store: where they are kept.
        fleet: starts their guests.
        admission: says who runs next.
        quotas: what each tenant may still use.
        sessions: those that are alive.
    """

    def __init__(
        self,
        store: Store,
        fleet: Fleet,
        admission: Admission,
        quotas: QuotaKeeper,
        sessions: Sessions,
    ) -> None:
        self._store, self._fleet, self._admission = store, fleet, admission
        self._quotas, self._sessions = quotas, sessions

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
        async with self._new(caller, session_id) as session:
            self._sessions.make(session, recipe, durability)
            capture = None
            if files:
                async with self._place(caller, session):
                    box = await self._sessions.awake(session)
                    for name, content in files.items():
                        with file_problems():
                            await box.files.write(name, content)
                    session.dirty = True
                    if durability != "never":
                        capture = await self._captured(session)
            return self._told(await self._keep(session, capture, caller, "session.created"))

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
            self._new(caller, session_id) as session,
            self._place(caller, session, int(recipe.limits.memory)) as spent,
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
                with self._fleet.starting(recipe):
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
            capture = None if durability == "never" else await self._captured(session)
            record = await self._keep(session, capture, caller, "session.restored")
            return {**self._told(record), "lost": lost}

    # --- looking -----------------------------------------------------------------------------

    async def page(self, caller: Caller, limit: int, after: str) -> dict[str, Any]:
        """Sessions of a tenant, in the order of their ids."""
        limit = max(1, min(limit, _MOST_OF_A_PAGE))
        tenant = caller.tenant
        found = await self._store.read(lambda work: work.sessions.page(tenant, after, limit + 1))
        more = len(found) > limit
        shown = found[:limit]
        return {
            "sessions": [self._told(record, _LOST_OF_A_PAGE) for record in shown],
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
        return self._told(record)

    async def variables(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """The variables of a session, as its guest describes them.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``.
        """
        async with self._awake(caller, session_id) as (_, box):
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
        async with self._holding(caller, session_id) as session:
            if session.box is not None:
                async with self._spending(caller, session):
                    await self._sessions.aside.save(session)
            return self._told(session.known)

    async def put_aside(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """Save a session and end its guest.

        Raises:
            Problem: ``unknown``, ``busy``, ``not-allowed``.
        """
        async with self._holding(caller, session_id) as session:
            if session.known.durability == "never":
                raise Problem(
                    "not-allowed",
                    "the durability of this session is never: put aside, it would be lost; "
                    "delete it",
                )
            async with self._spending(caller, session):
                if session.dirty and session.box is not None and session.box.alive:
                    await self._sessions.aside.save(session)
            record = session.known
            await self._sessions.aside.put(session, "asked")
            return self._told(record)

    async def state(self, caller: Caller, session_id: str) -> bytes:
        """The variables and files of a session, for its tenant to keep.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``.
        """
        async with self._awake(caller, session_id) as (session, _):
            capture = await self._captured(session, whole=True)
            if session.known.durability != "never":
                files = capture.files.since(session.file_digests)
                await self._keep(session, replace(capture, files=files), None, "")
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
        async with self._holding(caller, session_id) as session:

            def remove(work: Work) -> None:
                work.sessions.delete(tenant, session_id)
                work.audit.append("session.deleted", tenant, caller.key_id, {"session": session_id})

            await self._store.write(remove)
            await self._sessions.discard(session)

    # --- copying -----------------------------------------------------------------------------

    async def fork(self, caller: Caller, session_id: str, new_id: str | None) -> dict[str, Any]:
        """A second session that goes on where this one is.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``, ``exists``, ``quota``.
        """
        if new_id == session_id:
            raise _exists()
        async with self._awake(caller, session_id) as (session, box):
            record = session.known
            recipe = self._fleet.recipe_from(record.recipe)
            async with self._new(caller, new_id) as twin:
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
                    capture = await self._captured(twin)
                lost = self._sessions.waking.lost_of(other)
                made = await self._keep(twin, capture, caller, "session.forked")
                told = {**self._told(made), "exact": exact}
                if not exact:
                    told["lost"] = lost
                return told

    async def _copied(
        self, caller: Caller, session: Session, twin: Session, recipe: Recipe
    ) -> AsyncSandbox:
        """A guest with the variables and files of another's."""
        keeper = self._sessions.keeper
        capture = await self._captured(session, whole=True)
        try:
            state = await asyncio.to_thread(
                keeper.move, capture.state, caller.tenant, session.id, twin.id
            )
            files = dict(capture.files.written)
            with self._fleet.starting(recipe):
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
        async with self._awake(caller, session_id) as (session, box):
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
            self._awake(caller, session_id) as (session, old),
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
                with self._fleet.starting(recipe):
                    box = await self._sessions.waking.thaw(recipe, tenant, session_id, data, {})
            except (StateRefused, GuestFailure, ConfigurationError) as error:
                raise Problem("lost", f"the snapshot cannot come back: {error}") from None
            try:
                capture = None
                if record.durability != "never":
                    capture = await self._captured(session, box)
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
            return self._told(keeping.record)

    async def _can_freeze(self, box: AsyncSandbox) -> bool:
        try:
            twin = await box.fork()
        except PolicyNotEnforceable:
            return False
        await twin.close()
        return True

    # --- files -------------------------------------------------------------------------------

    async def files(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """Names and sizes.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``.
        """
        async with self._awake(caller, session_id) as (_, box):
            with file_problems():
                sizes = await box.files.sizes()
            return {"files": [{"name": name, "bytes": size} for name, size in sizes.items()]}

    async def read_file(self, caller: Caller, session_id: str, name: str) -> bytes:
        """The content of a file.

        Raises:
            Problem: ``unknown``: no such session or file. ``malformed``: it is no name.
        """
        async with self._awake(caller, session_id) as (_, box):
            with file_problems():
                return await box.files.read(name)

    async def write_file(
        self, caller: Caller, session_id: str, name: str, content: bytes
    ) -> dict[str, Any]:
        """Write a file.

        Raises:
            Problem: ``unknown``, ``malformed``, ``not-allowed``: it cannot be written.
        """
        async with self._changing(caller, session_id) as box:
            with file_problems():
                await box.files.write(name, content)
        return {"name": name, "bytes": len(content)}

    async def remove_file(self, caller: Caller, session_id: str, name: str) -> None:
        """Remove a file.

        Raises:
            Problem: ``unknown``, ``malformed``.
        """
        async with self._changing(caller, session_id) as box:
            with file_problems():
                await box.files.remove(name)

    @asynccontextmanager
    async def _changing(self, caller: Caller, session_id: str) -> AsyncIterator[AsyncSandbox]:
        """A session whose files are changed within, and kept after."""
        async with self._awake(caller, session_id) as (session, box):
            yield box
            session.dirty = True
            if session.known.durability == "per-turn":
                capture = await self._captured(session)
                await self._keep(session, capture, None, "")

    # --- inside ------------------------------------------------------------------------------

    @asynccontextmanager
    async def _new(self, caller: Caller, session_id: str | None) -> AsyncIterator[Session]:
        """A session that there is not yet."""
        name = f"session-{secrets.token_hex(8)}" if session_id is None else session_id
        async with self._sessions.holding(caller.tenant, name, patience=_PATIENCE) as session:
            if session.record is not None:
                raise _exists()
            await self._sessions.refuse_too_many(caller.tenant)
            try:
                yield session
            except BaseException:
                if not session.stored:
                    await self._sessions.discard(session)
                raise

    @asynccontextmanager
    async def _holding(self, caller: Caller, session_id: str) -> AsyncIterator[Session]:
        async with self._sessions.holding(caller.tenant, session_id, patience=_PATIENCE) as session:
            self._sessions.require(session)
            yield session

    @asynccontextmanager
    async def _awake(
        self, caller: Caller, session_id: str
    ) -> AsyncIterator[tuple[Session, AsyncSandbox]]:
        """A session and its guest; if that ends meanwhile, the session is as it was saved last."""
        async with (
            self._holding(caller, session_id) as session,
            self._spending(caller, session) as spent,
        ):
            began = perf_counter()
            try:
                known = session.box is not None
                try:
                    box = await self._sessions.awake(session)
                except Problem as problem:
                    if problem.name in ("lost", "not-enforceable"):
                        spent.add(perf_counter() - began)  # its own code ran, and cannot be asked
                    raise
                if not known:
                    spent.watch(box, 0.0 if session.restored else box._cpu_used())
                yield session, box
            except SandboxClosed:
                await self._sessions.discard(session)
                raise Problem(
                    "lost", "the guest of this session has ended; it is as it was saved last"
                ) from None
            finally:
                if session.box is not None and not session.box.alive:
                    spent.add(perf_counter() - began)
                    await self._sessions.discard(session)

    @asynccontextmanager
    async def _spending(self, caller: Caller, session: Session) -> AsyncIterator[Spending]:
        """Work in a session's guest, which counts as a run, and is charged."""
        async with self._place(caller, session) as spent:
            if session.box is not None:
                spent.watch(session.box, session.box._cpu_used())
            yield spent

    @asynccontextmanager
    async def _place(
        self, caller: Caller, session: Session, memory: int | None = None
    ) -> AsyncIterator[Spending]:
        """Work of a session's guest, which counts as a run, and may use so much memory."""
        lease, spent = self._quotas.begin(caller), Spending()
        try:
            size = self._sessions.needs(session) if memory is None else memory
            async with self._admission.place(caller.tenant, size, session.memory):
                yield spent
        finally:
            seconds = spent.seconds
            lease.end(seconds)
            if seconds >= _TOLD:
                with contextlib.suppress(RingfenceError):
                    await self._store.write(
                        lambda work: work.usage.add(caller.tenant, cpu_seconds=seconds, runs=0)
                    )

    async def _captured(
        self, session: Session, box: AsyncSandbox | None = None, *, whole: bool = False
    ) -> Capture:
        """What to save of a session; ``box``: of a guest that it may get; ``whole``: with files
        that are saved already.

        Raises:
            Problem: it cannot be had.
        """
        box = session.box if box is None else box
        assert box is not None
        digests = {} if whole else session.file_digests
        try:
            return await self._sessions.keeper.capture(box, session.tenant, session.id, digests)
        except Unsaved as error:
            raise Problem(
                "not-enforceable", f"the session cannot be saved as it is: {error}"
            ) from None

    async def _keep(
        self, session: Session, capture: Capture | None, caller: Caller | None, kind: str
    ) -> SessionRecord:
        keeping = self._sessions.saving.keeping(session, capture)

        def keep(work: Work) -> None:
            keeping.write(work)
            if caller is not None:
                work.audit.append(kind, caller.tenant, caller.key_id, {"session": session.id})

        try:
            await self._store.write(keep)
        except BaseException:
            # What was to be saved is in its guest still, unless it was to be saved with each turn.
            if not session.stored or session.known.durability == "per-turn":
                await self._sessions.discard(session)
            raise
        self._sessions.saving.kept(session, keeping)
        return keeping.record

    def _told(self, record: SessionRecord, most_lost: int = MOST_LOST) -> dict[str, Any]:
        live = self._sessions.is_live(record.tenant, record.id)
        return record.as_json(live=live, most_lost=most_lost)


def _unknown() -> Problem:
    return Problem("unknown", "there is no session of this id")


def _exists() -> Problem:
    return Problem("exists", "there is a session of this id already")
