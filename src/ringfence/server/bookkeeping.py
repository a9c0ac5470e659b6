"""What is kept of a run, and what is told of it: receipts, the reply, the audit log and the use."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from typing import TYPE_CHECKING, Any

from ringfence.errors import RingfenceError
from ringfence.model.as_json import packed, result_as_json
from ringfence.server.driving import nothing
from ringfence.server.jobs import compare
from ringfence.server.problems import Problem
from ringfence.server.schemas import CallRequest
from ringfence.server.store.receipts import pack

if TYPE_CHECKING:
    import datetime

    from ringfence.model import Result
    from ringfence.server.jobs import Job, Used
    from ringfence.server.runs import Run
    from ringfence.server.sessions.directory import Sessions
    from ringfence.server.settings import Settings
    from ringfence.server.store import Store, Work
    from ringfence.server.store.receipts import Receipt

__all__ = ["Books", "Replayed", "reply_of"]

_log = logging.getLogger(__name__)

_LARGE = 256 << 10
"""Bytes of values, output and displays that are written as JSON on another thread."""


class Replayed(Exception):
    """The request was answered before."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply


class Books:
    """Keeps what runs did.

    Args:
        settings: what the operator decided.
        store: where it is kept.
        sessions: know after which turn they are.
    """

    def __init__(self, settings: Settings, store: Store, sessions: Sessions) -> None:
        self._settings, self._store, self._sessions = settings, store, sessions

    async def find(self, job: Job) -> bytes | None:
        """The reply of a request that was answered before; None if it was not, or nobody can say
        yet.

        Raises:
            Problem: ``key-reused``, or ``interrupted``.
        """
        assert job.key is not None
        tenant, key = job.caller.tenant, job.key
        since = self._since()
        found = await self._store.read(lambda work: work.receipts.find(tenant, key, since))
        if found is None:
            return None
        compare(found.fingerprint, job.fingerprint)
        lost = found.dropped or found.epoch != self._store.epoch
        if found.reply is None and lost:
            raise await self._interrupted(found, job)
        return found.reply

    async def begin(self, run: Run, job: Job, used: Used) -> None:
        """Say that it begins, before anything runs.

        Raises:
            Replayed: it has run, and was answered.
            Problem: ``interrupted`` or ``key-reused``.
        """
        key = job.key
        if run.cancelled:
            raise asyncio.CancelledError
        run.stop_with(nothing)  # what is begun in the database is finished there
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
        compare(found.fingerprint, job.fingerprint)
        if found.reply is not None:
            raise Replayed(found.reply)
        raise await self._interrupted(found, job)

    def _since(self) -> datetime.datetime:
        """When a receipt must have begun to be kept still."""
        return self._sessions.calendar.before(self._settings.keep_replies_seconds)

    async def _interrupted(self, found: Receipt, job: Job) -> Problem:
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

    async def forget(self, tenant: str, key: str) -> None:
        """Nothing was run: who sends the request again may have it run."""
        try:
            await self._store.write(lambda work: work.receipts.forget(tenant, key))
        except RingfenceError as error:
            _log.warning("a receipt was left open: %s", str(error)[:300])

    def finish(
        self, work: Work, job: Job, packed_reply: bytes, details: dict[str, Any], cpu: float
    ) -> None:
        """Within the transaction that keeps what a run did."""
        caller = job.caller
        if job.key is not None:
            work.receipts.finish(caller.tenant, job.key, packed_reply)
        work.audit.append("run", caller.tenant, caller.key_id, details)
        work.usage.add(caller.tenant, cpu_seconds=cpu)

    async def undone(self, job: Job, problem: Problem, details: dict[str, Any], cpu: float) -> None:
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

    def details(self, run: Run, job: Job, result: Result) -> dict[str, Any]:
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

    async def written(
        self, run: Run, job: Job, result: Result, session: dict[str, Any] | None
    ) -> tuple[bytes, bytes, dict[str, Any]]:
        """The reply as JSON, as a receipt keeps it, and as data."""

        def write() -> tuple[bytes, bytes, dict[str, Any]]:
            body, reply = reply_of(run, result, session)
            return body, b"" if job.key is None else pack(body), reply

        usage = result.usage
        size = (usage.value or 0) + (usage.display or 0) + (usage.output or 0)
        return write() if size <= _LARGE else await asyncio.to_thread(write)


def reply_of(
    run: Run, result: Result, session: dict[str, Any] | None
) -> tuple[bytes, dict[str, Any]]:
    """The reply of a run, as JSON and as data."""
    reply = result_as_json(result)
    reply["run_id"] = run.id
    reply["session"] = session
    return packed(reply), reply
