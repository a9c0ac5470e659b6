"""Agents' tasks in a service: whose runs they are, how many there are at once, which model."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import hashlib
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from ringfence.agent.model import Model
from ringfence.agent.settings import AgentSettings
from ringfence.agent.task import Answer, Reply, Step, Task
from ringfence.agent.working import check_words, needs_model, work
from ringfence.errors import ConfigurationError, RingfenceError
from ringfence.model.as_json import packed
from ringfence.server.problems import Fault, Problem
from ringfence.server.schemas import ExecuteRequest
from ringfence.server.store.receipts import pack

if TYPE_CHECKING:
    from ringfence.server.access.caller import Caller
    from ringfence.server.access.quotas import Lease
    from ringfence.server.house import House
    from ringfence.server.store import Work

__all__ = ["Agents", "Worked"]

_KEY = re.compile(r"[\x21-\x7e]{1,200}")

_WRONG = frozenset({"malformed", "not-allowed", "not-enforceable"})
"""What is about the code that a model wrote: it is told, and may write other code."""


class Worked(NamedTuple):
    """A task's answer as JSON, and whether it was there before."""

    answer: dict[str, Any]
    replayed: bool


class _Keyed(NamedTuple):
    fingerprint: str
    task: asyncio.Task[Worked]


class Agents:
    """Works on tasks, with the guests of a house.

    Args:
        house: whose execution runs the code.

    Raises:
        ConfigurationError: a variable is not what it should be.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._settings = AgentSettings.from_environment(os.environ)
        self._model: Model | None = None
        self._opening = asyncio.Lock()
        self._closing = contextlib.AsyncExitStack()
        self._working: Counter[str] = Counter()
        self._keyed: dict[tuple[str, str], _Keyed] = {}
        self._keeping: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """End what is worked on still, and the model's connections."""
        tasks = [there.task for there in self._keyed.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await self._closing.aclose()

    async def work(
        self,
        caller: Caller,
        task: Task,
        *,
        idempotency_key: str | None = None,
        told: Callable[[Step], None] = lambda step: None,
    ) -> Worked:
        """Work on a task for somebody.

        A task for a model without a session of its own has one while it lasts. One with a key goes
        on when nobody waits for it any more: its answer is kept.

        Args:
            caller: whose quotas and sessions it uses.
            task: what to do.
            idempotency_key: with it, the same task is worked on once, however often it is sent.
            told: is told each step.

        Raises:
            Problem: it is not worked on, or a run of it was not run.
            RingfenceError: from :func:`ringfence.agent.working.work`.
        """
        if not needs_model(task):
            runs = _Runs(self._house, caller, key=idempotency_key)
            answer = await work(task, runs, self._no_model, told=told)
            return Worked(answer.as_json(), runs.replayed)
        caller.need("agent")
        check_words(task, self._settings.bounds)
        if idempotency_key is None:
            own = None if task.session_id is not None else f"agent-{secrets.token_hex(12)}"
            runs = _Runs(self._house, caller, own=own, with_model=True)
            return Worked(await self._with_model(caller, task, runs, None, told), replayed=False)
        if not _KEY.fullmatch(idempotency_key):
            fault = Fault("header:Idempotency-Key", "1 to 200 printable ASCII characters", "")
            raise Problem("malformed", "Idempotency-Key: it is none", errors=[fault])
        keyed = caller.tenant, idempotency_key
        fingerprint = _fingerprint(task)
        there = self._keyed.get(keyed)
        if there is None:
            working = asyncio.create_task(
                self._once(caller, task, idempotency_key, fingerprint, told)
            )
            there = self._keyed[keyed] = _Keyed(fingerprint, working)
            working.add_done_callback(lambda _: self._forget(keyed))
        _compare(there.fingerprint, fingerprint)
        return await asyncio.shield(there.task)

    def _forget(self, keyed: tuple[str, str]) -> None:
        done = self._keyed.pop(keyed).task
        if not done.cancelled():
            done.exception()  # whoever waits is told; perhaps nobody does

    async def _once(
        self,
        caller: Caller,
        task: Task,
        key: str,
        fingerprint: str,
        told: Callable[[Step], None],
    ) -> Worked:
        """Work on a task that has a key, unless it was.

        Raises:
            Problem: ``interrupted``, ``key-reused``, and as :meth:`work`.
        """
        store, tenant = self._house.store, caller.tenant
        epoch, run_id = store.epoch, f"task_{secrets.token_hex(12)}"
        kept = datetime.timedelta(seconds=self._house.settings.keep_replies_seconds)
        since = datetime.datetime.now(datetime.UTC) - kept
        found = await store.write(
            lambda work: work.receipts.begin(
                tenant,
                key,
                fingerprint=fingerprint,
                epoch=epoch,
                run_id=run_id,
                session=task.session_id,
                since=since,
            )
        )
        if found is not None:
            _compare(found.fingerprint, fingerprint)
            if found.reply is None:
                raise Problem(
                    "interrupted",
                    "the server ended, or its database did not answer, while a model worked on "
                    "this; runs that it had made in a session are kept. It is not worked on again; "
                    "send it with a new key if it should be",
                )
            return Worked(json.loads(found.reply), replayed=True)
        own = None if task.session_id is not None else f"agent-{secrets.token_hex(12)}"
        runs = _Runs(self._house, caller, own=own, with_model=True)
        try:
            answer = await self._with_model(caller, task, runs, key, told)
        except Exception:
            if not runs.begun:
                with contextlib.suppress(RingfenceError):
                    await store.write(lambda work: work.receipts.forget(tenant, key))
            raise
        return Worked(answer, replayed=False)

    async def _with_model(
        self,
        caller: Caller,
        task: Task,
        runs: _Runs,
        key: str | None,
        told: Callable[[Step], None],
    ) -> dict[str, Any]:
        async with self._place(caller) as lease:
            runs.within = lease
            model = await self._open_model()
            session = task.session_id or runs.own
            answer, ended, given = Answer(task.mode), "failed", False
            try:
                await work(
                    replace(task, session_id=session),
                    runs,
                    lambda: model,
                    told=told,
                    answer=answer,
                )
                ended, given = answer.status, True
            except asyncio.CancelledError:
                ended = "cancelled"
                raise
            finally:
                # What was spent is told however it ended; who leaves twice does not prevent it.
                keeping = asyncio.create_task(
                    self._keep(caller, task, runs, answer, ended, key if given else None)
                )
                self._keeping.add(keeping)
                keeping.add_done_callback(self._keeping.discard)
                await asyncio.shield(keeping)
            return answer.as_json()

    async def _keep(
        self, caller: Caller, task: Task, runs: _Runs, answer: Answer, ended: str, key: str | None
    ) -> None:
        """End what a task had, and keep what it came to."""
        try:
            await runs.end_session()
        finally:
            await self._record(caller, task, answer, ended, key)

    @contextlib.asynccontextmanager
    async def _place(self, caller: Caller) -> AsyncIterator[Lease]:
        """A place among the tasks; it counts as a run, and its runs are in it."""
        settings, tenant = self._settings, caller.tenant
        if self._working[tenant] >= settings.tasks_per_tenant:
            raise Problem(
                "quota",
                f"agent tasks: {settings.tasks_per_tenant} at once are a tenant's quota",
                retry_after=5,
            )
        if self._working.total() >= settings.tasks:
            raise Problem(
                "overloaded", f"models work on {settings.tasks} tasks already", retry_after=5
            )
        lease = self._house.quotas.begin(caller)
        self._working[tenant] += 1
        try:
            yield lease
        finally:
            lease.end()
            self._working[tenant] -= 1
            if not self._working[tenant]:
                del self._working[tenant]

    async def _open_model(self) -> Model:
        async with self._opening:
            if self._model is None:
                # On a thread: pydantic-ai takes seconds to import.
                model = await asyncio.to_thread(Model, self._settings)
                self._model = await self._closing.enter_async_context(model)
        return self._model

    def _no_model(self) -> Model:
        raise AssertionError("code needs no model")

    async def _record(
        self, caller: Caller, task: Task, answer: Answer, ended: str, key: str | None
    ) -> None:
        """The audit log says who had a model work; the runs are there by themselves."""
        details = {
            "query_sha256": hashlib.sha256(task.query.encode("utf-8", "replace")).hexdigest(),
            "model": self._settings.model,
            "status": ended,
            "runs": len(answer.results),
            "usage": answer.usage.as_json(),
        }
        receipt = b""
        if key is not None:
            receipt = await asyncio.to_thread(pack, packed(answer.as_json()))

        def keep(work: Work) -> None:
            if key is not None:
                work.receipts.finish(caller.tenant, key, receipt)
            work.audit.append("agent.task", caller.tenant, caller.key_id, details)

        await self._house.store.write(keep)


class _Runs:
    """Runs a task's code as its caller.

    Args:
        house: where.
        caller: who.
        own: the session that is the task's alone, and ends with it; None if it has none.
        key: an idempotency key.
        with_model: whether a model wrote the code: what is wrong with it is told to the model.

    Attributes:
        begun: whether anything was sent to be run.
        replayed: whether a reply was there before.
        within: the lease of the task, if a model works on it.
    """

    def __init__(
        self,
        house: House,
        caller: Caller,
        *,
        own: str | None = None,
        key: str | None = None,
        with_model: bool = False,
    ) -> None:
        self._house, self._caller, self.own, self._key = house, caller, own, key
        self._with_model = with_model
        self._made = False
        self.begun = self.replayed = False
        self.within: Lease | None = None

    async def __call__(
        self, code: str, session_id: str | None, timeout_seconds: float, stdin: str | None
    ) -> Reply:
        closed = self._house.closed()
        if closed is not None:
            raise Problem("unavailable", closed, retry_after=1)
        own = session_id is not None and session_id == self.own
        try:
            request = ExecuteRequest.model_validate(
                {
                    "code": code,
                    "session_id": session_id,
                    "timeout_seconds": timeout_seconds,
                    "stdin": stdin,
                    "durability": "never" if own else None,
                }
            )
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(map(str, first["loc"]))
            raise ConfigurationError(f"{field}: {first['msg']}") from None
        self._made = self._made or own
        try:
            self.begun = True
            run = await self._house.execution.run(
                self._caller, request, idempotency_key=self._key, within=self.within
            )
            try:
                reply: Reply = await run.reply()
                self.replayed = run.replayed
            except asyncio.CancelledError:
                run.cancel()
                raise
        except Problem as problem:
            if self._with_model and problem.name in _WRONG:
                raise ConfigurationError(problem.detail) from None
            raise
        return reply

    async def end_session(self) -> None:
        """Delete the task's own session, if a run has made it."""
        if self._made and self.own is not None:
            with contextlib.suppress(Problem, RingfenceError):
                await self._house.operations.delete(self._caller, self.own)


def _fingerprint(task: Task) -> str:
    asked = "\0".join(map(repr, dataclasses.astuple(task)))
    return hashlib.sha256(f"AgentQuery\0{asked}".encode("utf-8", "backslashreplace")).hexdigest()


def _compare(there: str, asked: str) -> None:
    if there != asked:
        raise Problem(
            "key-reused",
            "this Idempotency-Key was used for another request; a new request needs a new one",
        )
