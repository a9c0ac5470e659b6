"""Running code for whoever asks: routes, tools and agents.

A request becomes a :class:`~ringfence.server.runs.Run`, which goes on by itself: in a sandbox of
its own, or in a session. Where the request has an idempotency key, a receipt is kept before
anything runs; it is finished in the same transaction that keeps what the run did to its session,
the audit record and the use. So a request that is sent again is answered with what it did, and one
whose server ended while it ran is never run a second time.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from ringfence.model import GuestErrorInfo, Result
from ringfence.server.bookkeeping import Books, Replayed, reply_of
from ringfence.server.jobs import Job, Used, check_request, compare
from ringfence.server.problems import Problem
from ringfence.server.refusing import problem_of
from ringfence.server.runs import Run, Runs
from ringfence.server.turns import Turns

if TYPE_CHECKING:
    from ringfence.server.access.caller import Caller
    from ringfence.server.access.quotas import Lease, QuotaKeeper
    from ringfence.server.admission import Admission
    from ringfence.server.fleet import Fleet
    from ringfence.server.operations.metrics import Metrics
    from ringfence.server.operations.tracing import Tracing
    from ringfence.server.schemas import CallRequest, ExecuteRequest, SessionTurn
    from ringfence.server.sessions.directory import Sessions
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store

__all__ = ["Execution"]

_log = logging.getLogger(__name__)

_ENDING = 15.0
"""Seconds that cancelled runs have to be kept."""

_QUICK = 16 << 10
"""Bytes of a request that are looked at in so short a time that others may wait for it."""

_NEVER_RAN = Result(
    status="cancelled",
    error=GuestErrorInfo("Cancelled", "it was cancelled before it began"),
)


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
        tracing: times it.
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
        tracing: Tracing,
    ) -> None:
        self._store, self._quotas = store, quotas
        self._books = Books(settings, store, sessions)
        self._turns = Turns(
            settings, store, self._books, fleet, admission, sessions, metrics, tracing
        )
        self._check = partial(check_request, settings, fleet)
        self.runs = Runs(settings.resume_seconds)
        """The runs that can be asked for by their id."""
        self._keyed: dict[tuple[str, str], tuple[str, Run]] = {}

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
            compare(there[0], job.fingerprint)
            return there[1]
        # Entered before anything is awaited: who sends it again meanwhile waits for this one.
        run = self._begin(job, recording=recording, within=within)
        self._keyed[keyed] = job.fingerprint, run
        return run

    async def _answered(self, job: Job) -> Run | None:
        """A run that has its reply already, because it was answered before; None if it was not, or
        nobody can say yet.

        Raises:
            Problem: ``key-reused``, or ``interrupted``.
        """
        reply = await self._books.find(job)
        if reply is None:
            return None
        run = self.runs.begin(job.caller.tenant, recording=False)
        run.replayed = True
        run.finish(reply)
        self.runs.end(run)
        return run

    def _begin(self, job: Job, *, recording: bool, within: Lease | None) -> Run:
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

    async def _work(self, run: Run, job: Job, lease: Lease) -> None:
        """A run to its end, whatever that is."""
        used = Used(job.caller.tenant, lease.cpu_seconds_left)
        try:
            if self._store.fenced or not self._store.answering:
                await self._store.check()  # nothing is run that could not be kept
            if job.session is None:
                await self._turns.alone(run, job, used)
            else:
                await self._turns.in_session(run, job, job.session, used)
        except Replayed as replayed:
            run.replayed = True
            run.finish(replayed.reply)
        except asyncio.CancelledError:
            # Asked to end while it waited: nothing was run, and nothing is kept of it.
            run.finish(*reply_of(run, _NEVER_RAN, None))
        except Exception as error:
            problem = self._problem(run, error)
            self._quotas.denied(job.caller, problem)
            run.fail(problem)
        finally:
            lease.end(used.spent.seconds)
            if job.key is not None:
                if used.begun and not used.driven:
                    await self._books.forget(job.caller.tenant, job.key)
                self._keyed.pop((job.caller.tenant, job.key), None)
            if not run.ended:
                run.fail(Problem("internal", "the run ended in no way that was foreseen"))
            self.runs.end(run)

    def _problem(self, run: Run, error: Exception) -> Problem:
        problem = problem_of(error)
        if problem.name == "internal":
            _log.error("run %s failed", run.id, exc_info=error)
        return problem
