"""Calls of published plugins' hooks: runs like those of code, on a fresh guest each.

Like a run, a call takes a lease of its tenant's quotas and waits for its place; it can be ended;
with an idempotency key it has a receipt from before it begins, which is finished in the transaction
that keeps its audit record and its use. It holds a thread while its guest works: one of an executor
of its own, which no more than those that have a place can need, so that calls keep nothing else of
the service waiting.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from ringfence.errors import RingfenceError
from ringfence.model import array_frame
from ringfence.model.array_frame import MalformedFrame
from ringfence.model.as_json import packed, value_as_json
from ringfence.server.problems import Fault, Problem
from ringfence.server.refusing import problem_of
from ringfence.server.runs import Run
from ringfence.server.store.receipts import pack

if TYPE_CHECKING:
    from ringfence.model.hooks import Answer
    from ringfence.plugins.one_call import OneCall
    from ringfence.server.access.caller import Caller
    from ringfence.server.access.quotas import Lease
    from ringfence.server.house import House
    from ringfence.server.published import PublishedPlugin
    from ringfence.server.store import Work

__all__ = ["HookCall", "HookCalls"]

_log = logging.getLogger(__name__)

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ENDING = 10.0
"""Seconds that cancelled calls have to be kept."""

_LONGEST_TEXT = 10_000
_ENVELOPE = 1 << 20
"""Bytes of an answer beside the value."""


@dataclass(frozen=True, slots=True)
class HookCall:
    """What is asked.

    Attributes:
        plugin: whose hook.
        hook: its name.
        arguments: by name.
        framed: whether the answer is a frame, and no JSON.
        timeout_seconds: that the hook may run; None for the plugin's limit.
        digest: of the request, for its key.
    """

    plugin: PublishedPlugin
    hook: str
    arguments: Mapping[str, Any]
    framed: bool
    timeout_seconds: float | None
    digest: str

    @property
    def name(self) -> str:
        """The plugin's."""
        return self.plugin.bundle.manifest.name

    def fingerprint(self) -> str:
        """What is the same of the same call, whichever version of the plugin is there by then."""
        asked = f"HookCall\0{self.name}\0{self.hook}\0{self.framed}\0{self.timeout_seconds}"
        return hashlib.sha256(f"{asked}\0{self.digest}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Made:
    """What came of it.

    Attributes:
        status: for the audit log.
        body: the answer; None where there is a problem in its place.
        receipt: the same as a receipt keeps it.
        problem: see ``body``.
    """

    status: str
    body: bytes | None = None
    receipt: bytes = b""
    problem: Exception | None = None


class HookCalls:
    """Makes calls.

    Args:
        house: whose quotas, places and database they use.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        # As many as Admission lets in: a place is held until its thread has ended.
        self._threads = ThreadPoolExecutor(
            2 * house.settings.running + 1, thread_name_prefix="ringfence-hooks"
        )
        self._active: set[Run] = set()
        self._keyed: dict[tuple[str, str], tuple[str, Run]] = {}

    def call(self, caller: Caller, asked: HookCall, idempotency_key: str | None) -> Run:
        """A call, which goes on by itself; its reply is JSON or a frame.

        Args:
            caller: who asks.
            asked: what.
            idempotency_key: with it, the same call is made once however often it is sent.

        Raises:
            Problem: it is not made: ``malformed``, ``not-allowed``, ``quota``, ``key-reused``.
        """
        most = float(asked.plugin.host.limits.wall)  # type: ignore[arg-type]
        if asked.timeout_seconds is not None and asked.timeout_seconds > most:
            fault = Fault(
                "query:timeout_seconds", f"at most {most:g}", f"{asked.timeout_seconds:g}"
            )
            raise Problem(
                "not-allowed",
                f"timeout_seconds is at most {most:g} for a hook here, and "
                f"{asked.timeout_seconds:g} was asked for",
                errors=[fault],
            )
        if idempotency_key is None:
            return self._begin(caller, asked, None)
        if not _KEY.fullmatch(idempotency_key):
            fault = Fault("header:Idempotency-Key", "1 to 200 printable ASCII characters", "")
            raise Problem("malformed", "Idempotency-Key: it is none", errors=[fault])
        keyed = caller.tenant, idempotency_key
        there = self._keyed.get(keyed)
        if there is not None:
            _compare(there[0], asked.fingerprint())
            return there[1]
        run = self._begin(caller, asked, idempotency_key)
        self._keyed[keyed] = asked.fingerprint(), run
        return run

    def _begin(self, caller: Caller, asked: HookCall, key: str | None) -> Run:
        house = self._house
        lease = house.quotas.begin(caller)
        run = Run(caller.tenant, house.settings.resume_seconds, recording=False)
        self._active.add(run)
        run.task = asyncio.create_task(self._work(run, caller, asked, key, lease))
        run.stop_with(run.task.cancel)
        return run

    # --- the server's end --------------------------------------------------------------------

    async def drain(self, seconds: float) -> None:
        """Wait for what runs, so long; then end it."""
        await self._wait(seconds)
        for run in list(self._active):
            run.cancel()
        await self._wait(_ENDING)

    async def close(self) -> None:
        """End what runs still. Its thread ends with the plugin's host."""
        await self.drain(0.0)
        tasks = [run.task for run in self._active if run.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _wait(self, seconds: float) -> None:
        tasks = [run.task for run in self._active if run.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    # --- a call's life -----------------------------------------------------------------------

    async def _work(
        self, run: Run, caller: Caller, asked: HookCall, key: str | None, lease: Lease
    ) -> None:
        """A call to its end, whatever that is."""
        from ringfence.plugins.one_call import OneCall  # not at all in a service without plugins

        one = OneCall(wall=asked.timeout_seconds, cpu=lease.cpu_seconds_left)
        try:
            await self._in_its_place(run, caller, asked, key, one)
        except asyncio.CancelledError:
            run.fail(_cancelled())
        except Exception as error:
            problem = problem_of(error)
            if problem.name == "internal":
                _log.error("call %s failed", run.id, exc_info=error)
            run.fail(problem)
        finally:
            lease.end(one.spent)
            if key is not None:
                self._keyed.pop((caller.tenant, key), None)
            self._active.discard(run)

    async def _in_its_place(
        self, run: Run, caller: Caller, asked: HookCall, key: str | None, one: OneCall
    ) -> None:
        house, tenant = self._house, caller.tenant
        store = house.store
        if store.fenced or not store.answering:
            await store.check()  # nothing is run that could not be kept
        asked_at = monotonic()
        memory = int(asked.plugin.host.limits.memory)
        async with house.admission.place(tenant, memory):
            house.metrics.waited(monotonic() - asked_at)
            run.stop_with(_nothing)  # what is begun in the database is finished there
            if key is not None and await self._replayed(run, tenant, key, asked):
                return
            run.stop_with(one.cancel)
            loop = asyncio.get_running_loop()
            with house.tracing.span("run") as span:
                span.set(tenant=tenant, plugin=asked.name, hook=asked.hook, run_id=run.id)
                made = await loop.run_in_executor(self._threads, _make, asked, one, key is not None)
                span.set(engine=one.engine or "none", status=made.status)
            run.stop_with(_nothing)
        house.metrics.plugin_called(
            asked.name, asked.hook, "ok" if made.status == "ok" else "failed"
        )
        await self._keep(run, caller, asked, key, one, made)
        if made.body is None:
            assert made.problem is not None
            raise made.problem
        run.finish(made.body)

    async def _replayed(self, run: Run, tenant: str, key: str, asked: HookCall) -> bool:
        """Say that it begins, before anything runs; True where it was answered before.

        Raises:
            Problem: ``interrupted`` or ``key-reused``.
        """
        house, fingerprint = self._house, asked.fingerprint()
        since = house.sessions.calendar.before(house.settings.keep_replies_seconds)
        epoch = house.store.epoch
        found = await house.store.write(
            lambda work: work.receipts.begin(
                tenant,
                key,
                fingerprint=fingerprint,
                epoch=epoch,
                run_id=run.id,
                session=None,
                since=since,
            )
        )
        if found is None:
            return False
        _compare(found.fingerprint, fingerprint)
        if found.reply is None:
            raise Problem(
                "interrupted",
                "the server ended, or its database did not answer, while this call was made: its "
                "answer is gone. It is not made again; send it with a new key if it should be",
            )
        run.replayed = True
        run.finish(found.reply)
        return True

    async def _keep(
        self,
        run: Run,
        caller: Caller,
        asked: HookCall,
        key: str | None,
        one: OneCall,
        made: _Made,
    ) -> None:
        """Its receipt, its audit record and its use, in one transaction."""
        tenant, spent = caller.tenant, one.spent
        details = _details(run, asked, one, made) if one.begun else None

        def keep(work: Work) -> None:
            if key is not None and made.body is not None:
                work.receipts.finish(tenant, key, made.receipt)
            elif key is not None:  # a guest keeps nothing: what has no answer may be asked again
                work.receipts.forget(tenant, key)
            if details is not None:
                work.audit.append("plugin.call", tenant, caller.key_id, details)
                work.usage.add(tenant, cpu_seconds=spent)

        if details is None and key is None:
            return
        if made.body is not None:
            await self._house.store.write(keep)
            return
        try:
            await self._house.store.write(keep)
        except RingfenceError as error:  # the problem is told, and not this one
            _log.warning("a call without an answer was not kept: %s", str(error)[:300])


def _make(asked: HookCall, one: OneCall, keyed: bool) -> _Made:
    """Make it, on a thread; what it answers is written there as well."""
    began = monotonic()
    host = asked.plugin.host
    try:
        with one:
            answer = host.ask_plugins(asked.hook, **asked.arguments)
        if answer is None:
            missing = Problem("unknown", "this plugin does not implement this hook")
            return _Made("not-implemented", problem=missing)
        status = _status(answer)
        if one.cancelled and status != "ok":
            return _Made("cancelled", problem=_cancelled())
        body = _written(asked, answer, monotonic() - began)
    except Exception as error:
        return _Made("failed", problem=error)
    return _Made(status, body, pack(body) if keyed else b"")


def _status(answer: Answer) -> str:
    if answer.plugins:
        return "ok"
    return answer.failures[0].kind if answer.failures else "declined"


def _written(asked: HookCall, answer: Answer, seconds: float) -> bytes:
    told = {
        "ok": bool(answer.plugins),
        "value": answer.value if asked.framed else value_as_json(answer.value),
        "failures": [
            {
                "kind": one.kind,
                "reason": one.reason[:_LONGEST_TEXT],
                "field": one.field[:_LONGEST_TEXT],
                "traceback": one.traceback[:_LONGEST_TEXT],
            }
            for one in answer.failures
        ],
        "seconds": round(seconds, 6),
    }
    if not asked.framed:
        return packed(told)
    try:
        return array_frame.pack(told, limit=int(asked.plugin.host.limits.value) + _ENVELOPE)
    except MalformedFrame as error:
        raise Problem("internal", f"the answer does not fit into a frame: {error}") from None


def _details(run: Run, asked: HookCall, one: OneCall, made: _Made) -> dict[str, Any]:
    """What the audit log says: who ran which code with which grants; no arguments, no texts."""
    manifest = asked.plugin.bundle.manifest
    return {
        "call": run.id,
        "plugin": manifest.name,
        "version": ".".join(map(str, manifest.version)),
        "bundle_sha256": asked.plugin.bundle.sha256,
        "hook": asked.hook,
        "packages": sorted(manifest.packages),
        "engine": one.engine,
        "walls": sorted(one.walls),
        "status": made.status,
    }


def _cancelled() -> Problem:
    return Problem("unavailable", "the call was cancelled before it had an answer", retry_after=1)


def _nothing() -> None:
    """What cannot be stopped now."""


def _compare(there: str, asked: str) -> None:
    if there != asked:
        raise Problem(
            "key-reused",
            "this Idempotency-Key was used for another request; a new request needs a new one",
        )
