"""Running code for whoever asks: routes, tools and agents.

A request becomes a :class:`~ringfence.server.runs.Run`, which goes on by itself: in a sandbox of
its own, or in a session. Where the request has an idempotency key, a receipt is kept before
anything runs; it is finished in the same transaction that keeps what the run did to its session,
the audit record and the use. So a request that is sent again is answered with what it did, and one
whose server ended while it ran is never run a second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
import logging
import re
from collections.abc import Mapping
from contextlib import aclosing
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.errors import RingfenceError, StoreUnavailable
from ringfence.model import Display, GuestErrorInfo, Limits, Output, Progress, Result
from ringfence.model.as_json import display_as_json, packed, result_as_json
from ringfence.model.from_json import MalformedJSON, value_from_json
from ringfence.server.problems import Fault, Problem
from ringfence.server.refusing import problem_of
from ringfence.server.runs import Run, Runs
from ringfence.server.schemas import CallRequest, ExecuteRequest, SessionTurn, read_files
from ringfence.server.sessions.directory import unsaved_turns
from ringfence.server.sessions.record import (
    Durability,
    LostName,
    SessionRecord,
    bounded,
    lost_as_json,
)
from ringfence.server.sessions.spending import Spending
from ringfence.server.sessions.troubles import file_problems
from ringfence.server.store.receipts import pack

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.server.access.caller import Caller
    from ringfence.server.access.quotas import Lease, QuotaKeeper
    from ringfence.server.admission import Admission
    from ringfence.server.fleet import Fleet, Recipe
    from ringfence.server.operations.metrics import Metrics
    from ringfence.server.sessions.directory import Outcome, Sessions
    from ringfence.server.sessions.keeping import Capture
    from ringfence.server.sessions.session import Session
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store, Work
    from ringfence.server.store.receipts import Receipt

__all__ = ["Execution"]

_log = logging.getLogger(__name__)

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ENDING = 15.0
"""Seconds that cancelled runs have to be kept."""

_QUICK = 16 << 10
"""Bytes of a request that are looked at in so short a time that others may wait for it."""

_LEAST_CPU = 0.1
"""CPU seconds of a run whose tenant has next to none left today."""

_LARGE = 256 << 10
"""Bytes of values, output and displays that are written as JSON on another thread."""

_NEVER_RAN = Result(
    status="cancelled",
    error=GuestErrorInfo("Cancelled", "it was cancelled before it began"),
)


class _Job(NamedTuple):
    """A request that was checked.

    Attributes:
        caller: who asks.
        request: what.
        session: where; None for a sandbox of its own.
        key: its idempotency key.
        fingerprint: of all of it, where there is a key.
        recipe: of a sandbox of its own, or of a session if it is new.
        making: whether the session is made if there is none.
    """

    caller: Caller
    request: ExecuteRequest | SessionTurn | CallRequest
    session: str | None
    key: str | None
    fingerprint: str
    recipe: Recipe
    making: bool
    files: Mapping[str, bytes]
    inputs: Mapping[str, Any] | None
    args: tuple[list[Any], dict[str, Any]] | None


class Execution:
    """Runs code.

    Args:
        settings: what the operator decided.
        store: where receipts, sessions, the audit log and the use are kept.
        fleet: starts guests.
        admission: says who runs next.
        quotas: what each tenant may still use.
        sessions: those that are alive, and those that were put aside.
        metrics: counts what happens.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        fleet: Fleet,
        admission: Admission,
        quotas: QuotaKeeper,
        sessions: Sessions,
        metrics: Metrics,
    ) -> None:
        self._settings, self._store, self._fleet = settings, store, fleet
        self._admission, self._quotas = admission, quotas
        self._sessions, self._metrics = sessions, metrics
        self.runs = Runs(settings.resume_seconds)
        """The runs that can be asked for by their id."""
        self._keyed: dict[tuple[str, str], tuple[str, Run]] = {}
        self._promised: dict[str, float] = {}

    # --- asking ------------------------------------------------------------------------------

    async def run(
        self,
        caller: Caller,
        request: ExecuteRequest | SessionTurn | CallRequest,
        *,
        idempotency_key: str | None = None,
        session_id: str | None = None,
        making: bool | None = None,
        recording: bool = False,
        size: int = 0,
        within: Lease | None = None,
    ) -> Run:
        """A run of a request; it goes on by itself.

        Args:
            caller: who asks.
            request: what.
            idempotency_key: with it, the same request is run once however often it is sent.
            session_id: the session to run in, if the request does not say it.
            making: whether the session is made if there is none; so it is where the request says
                it.
            recording: whether its output is wanted as events.
            size: bytes of the request: a large one is looked at on another thread.
            within: the lease of what has it run, as :meth:`QuotaKeeper.begin` has it.

        Raises:
            Problem: it is not run: ``malformed``, ``not-allowed``, ``quota``, ``key-reused``,
                ``interrupted``, ``unavailable``.
        """
        try:
            check = partial(self._check, caller, request, idempotency_key, session_id, making)
            job = check() if size <= _QUICK else await asyncio.to_thread(check)
        except Problem as problem:
            self._quotas.begin(caller).end()  # it counts as one that was begun
            self._quotas.denied(caller, problem)
            raise
        if job.key is None:
            return self._begin(job, recording=recording, within=within)
        keyed = caller.tenant, job.key
        if keyed not in self._keyed:
            answered = await self._answered(job)
            if answered is not None:
                return answered
        there = self._keyed.get(keyed)
        if there is not None:
            _compare(there[0], job.fingerprint)
            return there[1]
        # Entered before anything is awaited: who sends it again meanwhile waits for this one.
        run = self._begin(job, recording=recording, within=within)
        self._keyed[keyed] = job.fingerprint, run
        return run

    async def _answered(self, job: _Job) -> Run | None:
        """A run that has its reply already, because it was answered before; None if it was not, or
        nobody can say yet.

        Raises:
            Problem: ``key-reused``, or ``interrupted``.
        """
        assert job.key is not None
        tenant, key = job.caller.tenant, job.key
        since = self._since()
        found = await self._store.read(lambda work: work.receipts.find(tenant, key, since))
        if found is None:
            return None
        _compare(found.fingerprint, job.fingerprint)
        if found.reply is None:
            if found.dropped or found.epoch != self._store.epoch:
                raise await self._interrupted(found, job)
            return None
        run = self.runs.begin(tenant, recording=False)
        run.replayed = True
        run.finish(found.reply)
        self.runs.end(run)
        return run

    def _since(self) -> datetime.datetime:
        """When a receipt must have begun to be kept still."""
        return self._sessions.calendar.before(self._settings.keep_replies_seconds)

    async def _interrupted(self, found: Receipt, job: _Job) -> Problem:
        """What is told of a request that began, and has no reply."""
        kept = ""
        if job.session is not None:
            turn = await self._sessions.turn_of(job.caller.tenant, job.session)
            kept = f" The session is as after turn {turn}."
        why = "the server ended while this request ran: what it had done is gone."
        if found.dropped:
            why = (
                "this request was answered, and its reply was not kept: the quota stored-bytes of "
                "its tenant was used up."
            )
        elif found.epoch == self._store.epoch:
            why = "the database did not answer when this request had run: its reply is gone."
        again = "It is not run again; send it with a new key if it should be."
        return Problem("interrupted", f"{why}{kept} {again}")

    def _check(
        self,
        caller: Caller,
        request: ExecuteRequest | SessionTurn | CallRequest,
        key: str | None,
        session: str | None,
        making: bool | None,
    ) -> _Job:
        """Everything that can be said about a request before it waits for anything."""
        fingerprint = ""
        if key is not None:
            if not _KEY.fullmatch(key):
                fault = Fault("header:Idempotency-Key", "1 to 200 printable ASCII characters", "")
                raise Problem("malformed", "Idempotency-Key: it is none", errors=[fault])
            fingerprint = _fingerprint(request, session)
        fleet, value = self._fleet, int(self._settings.limits.value)
        recipe, files, inputs, args = fleet.default, {}, None, None
        if isinstance(request, ExecuteRequest):
            if request.session_id is not None:
                session = request.session_id
                making = True if making is None else making
            recipe = fleet.recipe(request.engine, request.packages, request.limits)
            if session is None and request.durability is not None:
                raise Problem("malformed", "durability: it is of sessions; session_id is missing")
        if isinstance(request, CallRequest):
            args = (
                _value(request.args, value, "args"),
                _value(request.kwargs, value, "kwargs"),
            )
        else:
            files = read_files(request.files, recipe.limits)
            if request.inputs is not None:
                inputs = _value(request.inputs, value, "inputs")
        if session is None:
            fleet.turn_limits(recipe, request.timeout_seconds, None)  # refused now, if at all
        return _Job(
            caller,
            request,
            session,
            key,
            fingerprint,
            recipe,
            bool(making),
            files,
            inputs,
            args,
        )

    def _begin(self, job: _Job, *, recording: bool, within: Lease | None) -> Run:
        lease = self._quotas.begin(job.caller, within=within)
        run = self.runs.begin(job.caller.tenant, recording=recording)
        run.task = asyncio.create_task(self._work(run, job, lease))
        run.stop_with(run.task.cancel)
        return run

    # --- the server's end --------------------------------------------------------------------

    async def drain(self, seconds: float) -> None:
        """Wait for what runs, so long; then end it."""
        tasks = [run.task for run in self.runs.active() if run.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        await self.close()

    async def close(self) -> None:
        """End what runs still."""
        active = self.runs.active()
        for run in active:
            run.cancel()
        tasks = [run.task for run in active if run.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=_ENDING)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- a run's life ------------------------------------------------------------------------

    async def _work(self, run: Run, job: _Job, lease: Lease) -> None:
        """A run to its end, whatever that is."""
        used = _Used(job.caller.tenant, lease.cpu_seconds_left)
        try:
            if self._store.fenced or not self._store.answering:
                await self._store.check()  # nothing is run that could not be kept
            if job.session is None:
                await self._alone(run, job, used)
            else:
                await self._in_session(run, job, job.session, used)
        except _Replayed as replayed:
            run.replayed = True
            run.finish(replayed.reply)
        except asyncio.CancelledError:
            # Asked to end while it waited: nothing was run, and nothing is kept of it.
            run.finish(*self._reply(run, _NEVER_RAN, None))
        except Exception as error:
            problem = self._problem(run, error)
            self._quotas.denied(job.caller, problem)
            run.fail(problem)
        finally:
            lease.end(used.spent.seconds)
            if job.key is not None:
                if used.begun and not used.driven:
                    await self._forget_receipt(job.caller.tenant, job.key)
                self._keyed.pop((job.caller.tenant, job.key), None)
            if not run.ended:
                run.fail(Problem("internal", "the run ended in no way that was foreseen"))
            self.runs.end(run)

    def _problem(self, run: Run, error: Exception) -> Problem:
        problem = problem_of(error)
        if problem.name == "internal":
            _log.error("run %s failed", run.id, exc_info=error)
        return problem

    async def _alone(self, run: Run, job: _Job, used: _Used) -> None:
        """Run in a sandbox of its own."""
        tenant, fleet = job.caller.tenant, self._fleet
        asked = perf_counter()
        limits = fleet.turn_limits(job.recipe, job.request.timeout_seconds, None)
        async with self._admission.place(tenant):
            self._metrics.waited(perf_counter() - asked)
            await self._begin_receipt(run, job, used)
            began = perf_counter()
            box = fleet.sandbox(job.recipe, tenant, job.files)
            try:
                with fleet.starting(job.recipe):
                    await box.start()
                fleet.found(job.recipe, box)
                started = perf_counter()
                used.spent.watch(box, box._cpu_used())
                result = await self._drive(run, box, job, limits, used)
                self._count(result, started - began, asked)
                body, receipt, reply = await self._written(run, job, result, None)
                details, cpu = self._details(run, job, result), used.spent.seconds

                def keep(work: Work) -> None:
                    self._finish(work, job, receipt, details, cpu)

                keeping = asyncio.ensure_future(self._store.write(keep))
            finally:
                await box.close()  # while another thread keeps what it did
        await keeping
        run.finish(body, reply)

    async def _in_session(self, run: Run, job: _Job, name: str, used: _Used) -> None:
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
                    _refuse_others(request, job, record, recipe.engine)
            limits = self._fleet.turn_limits(recipe, request.timeout_seconds, request.limits)
            async with self._admission.place(tenant):
                self._metrics.waited(perf_counter() - asked)
                await self._begin_receipt(run, job, used)
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
        job: _Job,
        session: Session,
        limits: Limits,
        used: _Used,
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
            result = await self._drive(run, box, job, limits, used)
        finally:
            session.stop = None
        self._count(result, started, asked)
        outcome, capture = await self._after(session, result)
        keeping = self._sessions.keeping(session, capture)
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
        body, receipt, reply = await self._written(run, job, result, told)
        details, cpu = self._details(run, job, result), used.spent.seconds

        def keep(work: Work) -> None:
            keeping.write(work)
            self._finish(work, job, receipt, details, cpu)

        try:
            await self._store.write(keep)
        except Problem as problem:
            await self._undone(job, problem, details, cpu)
            raise
        self._sessions.kept(session, keeping)
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
                capture = await self._sessions.capture(session)
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

    # --- the guest ---------------------------------------------------------------------------

    async def _drive(
        self, run: Run, box: AsyncSandbox, job: _Job, limits: Limits, used: _Used
    ) -> Result:
        """The turn itself. From here on, cancelling the run ends the turn."""
        if run.cancelled:
            raise asyncio.CancelledError
        tenant, bound = used.tenant, float(limits.cpu)  # type: ignore[arg-type]
        # What its other runs may still use is not left for this one.
        left = used.left - self._promised.get(tenant, 0.0)
        if left < bound:
            bound = max(_LEAST_CPU, left)
            limits = limits.replace(cpu=bound)
        self._promised[tenant] = self._promised.get(tenant, 0.0) + bound
        run.stop_with(box.cancel)
        used.driven = True
        run.drives()
        try:
            result = await self._ask(run, box, job, limits)
            used.spent.ended(result)
            return result
        finally:
            run.stop_with(_nothing)
            self._promised[tenant] -= bound
            if self._promised[tenant] <= 0:
                del self._promised[tenant]

    async def _ask(self, run: Run, box: AsyncSandbox, job: _Job, limits: Limits) -> Result:
        request = job.request
        if isinstance(request, CallRequest):
            assert job.args is not None
            args, kwargs = job.args
            return await box.call_with(request.name, args, kwargs, limits=limits)
        if not run.recording:
            return await box.run(
                request.code, stdin=request.stdin, inputs=job.inputs, limits=limits
            )
        result: Result | None = None
        stream = box.stream(request.code, stdin=request.stdin, inputs=job.inputs, limits=limits)
        async with aclosing(stream) as events:
            async for event in events:
                if isinstance(event, Output):
                    run.tell(event.stream, {"text": event.text})
                elif isinstance(event, Display):
                    if sum(map(len, event.data.values())) <= _LARGE:
                        run.tell("display", display_as_json(event))
                    else:
                        run.tell_bytes("display", await asyncio.to_thread(_as_bytes, event))
                elif isinstance(event, Progress):
                    run.tell("progress", {"fraction": event.fraction, "message": event.message})
                else:
                    result = event
        assert result is not None
        return result

    def _count(self, result: Result, started: float | None, asked: float) -> None:
        self._metrics.run_ended(
            result.engine, result.status, result.limit, started, perf_counter() - asked
        )

    # --- what is answered --------------------------------------------------------------------

    async def _written(
        self, run: Run, job: _Job, result: Result, session: dict[str, Any] | None
    ) -> tuple[bytes, bytes, dict[str, Any]]:
        """The reply as JSON, as a receipt keeps it, and as data."""

        def write() -> tuple[bytes, bytes, dict[str, Any]]:
            body, reply = self._reply(run, result, session)
            return body, b"" if job.key is None else pack(body), reply

        usage = result.usage
        size = (usage.value or 0) + (usage.display or 0) + (usage.output or 0)
        return write() if size <= _LARGE else await asyncio.to_thread(write)

    @staticmethod
    def _reply(
        run: Run, result: Result, session: dict[str, Any] | None
    ) -> tuple[bytes, dict[str, Any]]:
        reply = result_as_json(result)
        reply["run_id"] = run.id
        reply["session"] = session
        return packed(reply), reply

    # --- what is kept ------------------------------------------------------------------------

    async def _begin_receipt(self, run: Run, job: _Job, used: _Used) -> None:
        """Say that it begins, before anything runs.

        Raises:
            _Replayed: it has run, and was answered.
            Problem: ``interrupted`` or ``key-reused``.
        """
        key = job.key
        if run.cancelled:
            raise asyncio.CancelledError
        run.stop_with(_nothing)  # what is begun in the database is finished there
        if key is None:
            return
        tenant, session = job.caller.tenant, job.session
        since, epoch = self._since(), self._store.epoch
        found = await self._store.write(
            lambda work: work.receipts.begin(
                tenant,
                key,
                fingerprint=job.fingerprint,
                epoch=epoch,
                run_id=run.id,
                session=session,
                since=since,
            )
        )
        if found is None:
            used.begun = True
            return
        _compare(found.fingerprint, job.fingerprint)
        if found.reply is not None:
            raise _Replayed(found.reply)
        raise await self._interrupted(found, job)

    async def _forget_receipt(self, tenant: str, key: str) -> None:
        """Nothing was run: who sends the request again may have it run."""
        try:
            await self._store.write(lambda work: work.receipts.forget(tenant, key))
        except RingfenceError as error:
            _log.warning("a receipt was left open: %s", str(error)[:300])

    def _finish(
        self, work: Work, job: _Job, packed_reply: bytes, details: dict[str, Any], cpu: float
    ) -> None:
        """Within the transaction that keeps what a run did."""
        caller = job.caller
        if job.key is not None:
            work.receipts.finish(caller.tenant, job.key, packed_reply)
        work.audit.append("run", caller.tenant, caller.key_id, details)
        work.usage.add(caller.tenant, cpu_seconds=cpu)

    async def _undone(
        self, job: _Job, problem: Problem, details: dict[str, Any], cpu: float
    ) -> None:
        """A turn has run, and nothing of it is kept: its use is, and who has made room may send it
        again.
        """
        caller = job.caller

        def keep(work: Work) -> None:
            if job.key is not None and problem.name == "quota":
                work.receipts.forget(caller.tenant, job.key)
            told = {**details, "undone": problem.name}
            work.audit.append("run", caller.tenant, caller.key_id, told)
            work.usage.add(caller.tenant, cpu_seconds=cpu)

        with contextlib.suppress(RingfenceError):  # the problem is told, and not this one
            await self._store.write(keep)

    def _details(self, run: Run, job: _Job, result: Result) -> dict[str, Any]:
        """What the audit log says about a run."""
        request = job.request
        code = request.name if isinstance(request, CallRequest) else request.code
        details: dict[str, Any] = {
            "run": run.id,
            "code_sha256": hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest(),
            "engine": result.engine,
            "walls": sorted(result.walls),
            "packages": list(job.recipe.packages),
            "status": result.status,
        }
        if isinstance(request, CallRequest):
            details["call"] = True
        if result.limit is not None:
            details["limit"] = result.limit
        if job.session is not None:
            details["session"] = job.session
        return details


class _Used:
    """How far a run came: what it has used, the CPU seconds that its tenant had left of the day,
    whether it has a receipt, and whether its code began.
    """

    __slots__ = ("begun", "driven", "left", "spent", "tenant")

    def __init__(self, tenant: str, left: float) -> None:
        self.tenant, self.left = tenant, left
        self.spent = Spending()
        self.begun = self.driven = False


class _Replayed(Exception):
    """The request was answered before."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply


def _as_bytes(display: Display) -> bytes:
    return packed(display_as_json(display))


def _nothing() -> None:
    """What cannot be stopped now."""


def _fingerprint(request: ExecuteRequest | SessionTurn | CallRequest, session: str | None) -> str:
    asked = f"{type(request).__name__}\0{session or ''}\0{request.model_dump_json()}"
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


def _compare(there: str, asked: str) -> None:
    if there != asked:
        raise Problem(
            "key-reused",
            "this Idempotency-Key was used for another request; a new request needs a new one",
        )


def _refuse_others(request: ExecuteRequest, job: _Job, record: SessionRecord, engine: str) -> None:
    """A session has its engine and packages, and is saved as it was made."""
    recipe = record.recipe
    for field, asked, has in (
        ("engine", None if request.engine == "auto" else request.engine, engine),
        ("packages", request.packages and sorted(set(request.packages)), recipe["packages"]),
        ("durability", request.durability, record.durability),
    ):
        if asked and asked != has:
            raise Problem(
                "not-allowed",
                f"{field}: the session has {has!r}, which does not change; make another session",
                errors=[Fault(field, str(has), str(asked)[:120])],
            )


def _value(data: Any, limit: int, where: str) -> Any:
    try:
        return value_from_json(data, limit=limit, where=where)
    except MalformedJSON as error:
        fault = Fault(error.where or where, "a value that crosses", error.reason[:200])
        raise Problem("malformed", str(error)[:300], errors=[fault]) from None
