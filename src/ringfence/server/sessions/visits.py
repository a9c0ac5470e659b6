"""Callers at sessions: what each operation does around its own work.

A session is held, so that nobody else uses it. Its guest comes back if it was put aside. Work in a
guest takes a place among the runs, memory and a lease of the tenant's quotas, and is charged. What
changed is captured and kept.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ringfence.errors import RingfenceError, SandboxClosed
from ringfence.server.problems import Problem
from ringfence.server.sessions.keeping import Capture, Unsaved
from ringfence.server.sessions.record import MOST_LOST
from ringfence.server.sessions.spending import Spending

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.server.access.caller import Caller
    from ringfence.server.access.quotas import QuotaKeeper
    from ringfence.server.admission import Admission
    from ringfence.server.sessions.directory import Sessions
    from ringfence.server.sessions.record import SessionRecord
    from ringfence.server.sessions.session import Session
    from ringfence.server.store import Store, Work

__all__ = ["Visits", "exists"]

_PATIENCE = 30.0
"""Seconds that an operation waits for a session's turn to end."""

_TOLD = 0.02
"""CPU seconds from which on the database is told of them; of less only the running quota knows."""


class Visits:
    """What operations on sessions have in common.

    Args:
        store: where sessions are kept.
        admission: says who runs next.
        quotas: what each tenant may still use.
        sessions: those that are alive.
    """

    def __init__(
        self, store: Store, admission: Admission, quotas: QuotaKeeper, sessions: Sessions
    ) -> None:
        self._store, self._admission = store, admission
        self._quotas, self._sessions = quotas, sessions

    @asynccontextmanager
    async def making(self, caller: Caller, session_id: str | None) -> AsyncIterator[Session]:
        """A session that there is not yet."""
        name = f"session-{secrets.token_hex(8)}" if session_id is None else session_id
        async with self._sessions.holding(caller.tenant, name, patience=_PATIENCE) as session:
            if session.record is not None:
                raise exists()
            await self._sessions.refuse_too_many(caller.tenant)
            try:
                yield session
            except BaseException:
                if not session.stored:
                    await self._sessions.discard(session)
                raise

    @asynccontextmanager
    async def holding(self, caller: Caller, session_id: str) -> AsyncIterator[Session]:
        """A session that there is, which nobody else uses meanwhile.

        Raises:
            Problem: ``unknown`` or ``busy``.
        """
        async with self._sessions.holding(caller.tenant, session_id, patience=_PATIENCE) as session:
            self._sessions.require(session)
            yield session

    @asynccontextmanager
    async def awake(
        self, caller: Caller, session_id: str
    ) -> AsyncIterator[tuple[Session, AsyncSandbox]]:
        """A session and its guest; if that ends meanwhile, the session is as it was saved last."""
        async with (
            self.holding(caller, session_id) as session,
            self.spending(caller, session) as spent,
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
    async def spending(self, caller: Caller, session: Session) -> AsyncIterator[Spending]:
        """Work in a session's guest, which counts as a run, and is charged."""
        async with self.place(caller, session) as spent:
            if session.box is not None:
                spent.watch(session.box, session.box._cpu_used())
            yield spent

    @asynccontextmanager
    async def place(
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

    async def captured(
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

    async def keep(
        self, session: Session, capture: Capture | None, caller: Caller | None, kind: str
    ) -> SessionRecord:
        """Keep a session, with what was captured of it, and what the audit log says.

        Raises:
            Problem, StoreUnavailable: it was not kept.
        """
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

    def told(self, record: SessionRecord, most_lost: int = MOST_LOST) -> dict[str, Any]:
        """A session as callers are told of it."""
        live = self._sessions.is_live(record.tenant, record.id)
        return record.as_json(live=live, most_lost=most_lost)


def exists() -> Problem:
    """What a caller is told who makes a session that there is."""
    return Problem("exists", "there is a session of this id already")
