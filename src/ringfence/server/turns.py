"""A run in a guest: in a sandbox of its own, or as a turn of a session that is kept with it."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

from ringfence.errors import StoreUnavailable
from ringfence.server.driving import Driver
from ringfence.server.jobs import refuse_others
from ringfence.server.problems import Problem
from ringfence.server.schemas import ExecuteRequest
from ringfence.server.sessions.record import LostName, bounded, lost_as_json, unsaved_turns
from ringfence.server.sessions.troubles import file_problems

if TYPE_CHECKING:
    from ringfence.model import Limits, Result
    from ringfence.server.admission import Admission
    from ringfence.server.bookkeeping import Books
    from ringfence.server.fleet import Fleet
    from ringfence.server.jobs import Job, Used
    from ringfence.server.operations.metrics import Metrics
    from ringfence.server.operations.tracing import Tracing
    from ringfence.server.runs import Run
    from ringfence.server.sessions.directory import Outcome, Sessions
    from ringfence.server.sessions.keeping import Capture
    from ringfence.server.sessions.record import Durability
    from ringfence.server.sessions.session import Session
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store, Work

__all__ = ["Turns"]


class Turns:
    """Runs jobs in guests.

    Args:
        settings: what the operator decided.
        store: where what they did is kept.
        books: say what that is.
        fleet: starts guests.
        admission: says who runs next.
        sessions: those that are alive, and those that were put aside.
        metrics: counts what happens.
        tracing: times it.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        books: Books,
        fleet: Fleet,
        admission: Admission,
        sessions: Sessions,
        metrics: Metrics,
        tracing: Tracing,
    ) -> None:
        self._settings, self._store, self._books = settings, store, books
        self._fleet, self._admission = fleet, admission
        self._sessions, self._metrics = sessions, metrics
        self._driver = Driver(tracing)

    async def alone(self, run: Run, job: Job, used: Used) -> None:
        """Run in a sandbox of its own."""
        tenant, fleet = job.caller.tenant, self._fleet
        asked = perf_counter()
        limits = fleet.turn_limits(job.recipe, job.request.timeout_seconds, None)
        async with self._admission.place(tenant, int(job.recipe.limits.memory)):
            self._metrics.waited(perf_counter() - asked)
            await self._books.begin(run, job, used)
            began = perf_counter()
            box = fleet.sandbox(job.recipe, tenant, job.files)
            try:
                with fleet.starting(job.recipe, tenant):
                    await box.start()
                fleet.found(job.recipe, box)
                started = perf_counter()
                used.spent.watch(box, box._cpu_used())
                result = await self._driver.drive(run, box, job, limits, used)
                self._count(result, started - began, asked)
                body, receipt, reply = await self._books.written(run, job, result, None)
                details, cpu = self._books.details(run, job, result), used.spent.seconds

                def keep(work: Work) -> None:
                    self._books.finish(work, job, receipt, details, cpu)

                keeping = asyncio.ensure_future(self._store.write(keep))
            finally:
                await box.close()  # while another thread keeps what it did
        await keeping
        run.finish(body, reply)

    async def in_session(self, run: Run, job: Job, name: str, used: Used) -> None:
        """Run a turn of a session, and keep what it did."""
        tenant, request = job.caller.tenant, job.request
        asked = perf_counter()
        timeout = request.timeout_seconds or self._settings.default_timeout
        async with self._sessions.holding(
            tenant, name, queue=request.on_busy == "queue", patience=timeout
        ) as session:
            record = session.record
            created = record is None
            if record is None:
                if not job.making:
                    raise Problem("unknown", "there is no session of this id")
                await self._sessions.refuse_too_many(tenant)
                durability: Durability = getattr(request, "durability", None) or "per-turn"
                record = self._sessions.make(session, job.recipe, durability)
                recipe = job.recipe
            else:
                recipe = self._fleet.recipe_from(record.recipe)
                if isinstance(request, ExecuteRequest):
                    refuse_others(request, job, record, recipe.engine)
            limits = self._fleet.turn_limits(recipe, request.timeout_seconds, request.limits)
            memory = self._sessions.needs(session)
            async with self._admission.place(tenant, memory, session.memory):
                self._metrics.waited(perf_counter() - asked)
                await self._books.begin(run, job, used)
                try:
                    await self._turn(run, job, session, limits, used, asked, created=created)
                except StoreUnavailable as error:
                    if not used.driven and session.stored:
                        raise
                    lives = session.box is not None and session.box.alive
                    if record.durability == "per-turn" or not session.stored or not lives:
                        await self._sessions.discard(session)
                        raise
                    # What its guest has is nowhere else, and what was answered of it is not lost.
                    # Nobody is told to send it again: it has run.
                    raise Problem(
                        "unavailable",
                        "the database does not answer: this turn has run, and that it did could "
                        "not be kept; its session, which is saved later, lives on as after turn "
                        f"{record.turns}",
                    ) from error
                except BaseException:
                    # What the guest has done is not kept: it goes back to what is.
                    if used.driven or not session.stored:
                        await self._sessions.discard(session)
                    raise

    async def _turn(
        self,
        run: Run,
        job: Job,
        session: Session,
        limits: Limits,
        used: Used,
        asked: float,
        *,
        created: bool,
    ) -> None:
        began = perf_counter()
        was_alive = session.box is not None
        before = session.box._cpu_used() if session.box is not None else 0.0
        try:
            box = await self._sessions.awake(session)
        except Problem as problem:
            if problem.name in ("lost", "not-enforceable"):
                used.spent.add(perf_counter() - began)  # its own code ran, and nobody can be asked
            raise
        started = None if was_alive else perf_counter() - began
        restored, lost = session.restored, session.lost
        used.spent.watch(box, before if was_alive or restored else box._cpu_used())
        with file_problems():
            for file, content in job.files.items():
                await box.files.write(file, content)
        session.stop = run.cancel
        try:
            result = await self._driver.drive(run, box, job, limits, used)
        finally:
            session.stop = None
        self._count(result, started, asked)
        outcome, capture = await self._after(session, result)
        keeping = self._sessions.saving.keeping(session, capture)
        if outcome == "rolled-back":
            lost = keeping.record.lost
        elif isinstance(capture, LostName):
            lost = (*lost, capture)
        told = {
            "id": session.id,
            "created": created,
            "turn": keeping.record.turns,
            "state": outcome,
            "restored": restored,
            "lost": lost_as_json(lost),
        }
        body, receipt, reply = await self._books.written(run, job, result, told)
        details, cpu = self._books.details(run, job, result), used.spent.seconds

        def keep(work: Work) -> None:
            keeping.write(work)
            self._books.finish(work, job, receipt, details, cpu)

        try:
            await self._store.write(keep)
        except Problem as problem:
            await self._books.undone(job, problem, details, cpu)
            raise
        self._sessions.saving.kept(session, keeping)
        session.restored, session.lost = False, ()
        if outcome != "kept":
            await self._sessions.discard(session)
        run.finish(body, reply)

    async def _after(
        self, session: Session, result: Result
    ) -> tuple[Outcome, Capture | LostName | None]:
        """What became of the session in a turn, and what is to be saved of it."""
        record = session.known
        alive = session.box is not None and session.box.alive
        if session.box is not None and result.displays:
            session.box._forget_displays()  # the reply has them
        capture: Capture | LostName | None = None
        if alive:
            record.turns += 1
            session.dirty, session.unsavable = True, False
            if record.durability == "per-turn":
                capture = await self._sessions.saving.capture(session)
                alive = session.box is not None and session.box.alive
            if alive:
                return "kept", capture
            record.turns -= 1
        if record.saved_turn is None:
            record.turns += 1  # so that whoever asks for it is told that it is lost
            return "gone", None
        if record.turns > record.saved_turn:  # those that were answered, and not saved
            record.lost = bounded([*record.lost, unsaved_turns(record)])
        record.turns = record.saved_turn
        return "rolled-back", None

    def _count(self, result: Result, started: float | None, asked: float) -> None:
        self._metrics.run_ended(
            result.engine, result.status, result.limit, started, perf_counter() - asked
        )
