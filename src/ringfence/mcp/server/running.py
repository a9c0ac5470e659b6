"""Runs: each from its admission to its audit row, whoever still waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ringfence.errors import (
    ConfigurationError,
    EngineFailure,
    EngineNotAvailable,
    GuestFailure,
    PolicyNotEnforceable,
    RingfenceError,
    SandboxClosed,
    StoreUnavailable,
)
from ringfence.mcp.broker.calls import RunIdentity
from ringfence.mcp.server.allowances import Unbounded
from ringfence.mcp.server.asking import Conversation
from ringfence.mcp.server.elicitation import approving
from ringfence.mcp.server.lending import sampler_of
from ringfence.mcp.server.progress import Telling
from ringfence.mcp.server.sessions import TooMany
from ringfence.model import Progress, Result
from ringfence.server.problems import Problem

if TYPE_CHECKING:
    from ringfence.mcp.broker.broker import Broker
    from ringfence.mcp.recording import Recorder
    from ringfence.mcp.server.allowances import Allowances
    from ringfence.mcp.server.arguments import RunArguments
    from ringfence.mcp.server.guests import Guest, Guests
    from ringfence.mcp.server.sessions import Session, Sessions
    from ringfence.mcp.server.settings import McpSettings
    from ringfence.server.access.quotas import Lease
    from ringfence.server.admission import Admission

__all__ = ["NotRun", "Run", "Running"]

_ENDING = 5.0
_LEAST_CPU = 0.001


class NotRun(Exception):
    """A run that did not begin, or has no result; the message is for the model.

    Attributes:
        retry_after: seconds after which it may go better; None where nobody knows.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(eq=False)
class Run:
    """One run, which goes on by itself.

    Attributes:
        client: whose.
        id: also in the audit log.
        arguments: what was asked for.
        conversation: its questions to the client.
        telling: its progress.
        task: gives the result, or raises :class:`NotRun`.
        notices: what else there is to say.
        lease: of what its tenant may use, once it was let begin.
        turning: since when its guest runs, by the clock; None before.
    """

    client: str
    id: str
    arguments: RunArguments
    conversation: Conversation
    telling: Telling
    task: asyncio.Task[Result] = field(init=False)
    notices: list[str] = field(default_factory=list)
    lease: Lease | None = None
    turning: float | None = None

    async def end(self) -> None:
        """Kill its guest, if it runs still, and wait until that is done."""
        self.task.cancel()
        await asyncio.wait([self.task], timeout=_ENDING)


class Running:
    """Runs code. Used from one event loop.

    Args:
        settings: what the operator decided.
        guests: makes sandboxes.
        sessions: those that are kept.
        admission: says who may run now.
        recorder: the audit log.
        broker: other servers' tools; None where none are lent.

    Attributes:
        allowances: say whose runs may begin.
    """

    def __init__(
        self,
        settings: McpSettings,
        guests: Guests,
        sessions: Sessions,
        admission: Admission,
        recorder: Recorder,
        broker: Broker | None,
    ) -> None:
        self._settings = settings
        self._guests = guests
        self._sessions = sessions
        self._admission = admission
        self._recorder = recorder
        self._broker = broker
        self.allowances: Allowances = Unbounded()
        self._runs: set[Run] = set()

    def begin(self, client: str, arguments: RunArguments) -> Run:
        """A run of this client; it ends by itself, or by :meth:`Run.end`."""
        settings = self._settings
        run = Run(
            client,
            secrets.token_hex(8),
            arguments,
            Conversation(settings.approval_seconds),
            Telling(settings.heartbeat),
        )
        run.task = asyncio.create_task(self._work(run))
        self._runs.add(run)
        run.task.add_done_callback(lambda _: self._runs.discard(run))
        return run

    async def close(self) -> None:
        """End what runs."""
        await asyncio.gather(*(run.end() for run in list(self._runs)), return_exceptions=True)

    async def _work(self, run: Run) -> Result:
        began = time.perf_counter()
        outcome, result = "cancelled", None
        try:
            await self._recorder.ready()
            run.lease = self.allowances.begin(run.client)
            async with run.telling:
                result = await self._run(run)
            outcome = result.status
        except (NotRun, Problem, TooMany, RingfenceError) as error:
            outcome = "refused"
            later = error.retry_after if isinstance(error, Problem) else None
            raise NotRun(_told(error), later) from error
        finally:
            if run.lease is not None:
                self.allowances.end(run.client, run.lease, _cpu_of(run, result))
            ms = round((time.perf_counter() - began) * 1_000, 3)
            self._recorder.note("mcp.run", run.client, _details(run, outcome, ms, result))
        try:
            await self._recorder.flush()
        except StoreUnavailable:
            run.notices.append("the audit log does not answer: what is run next waits for it")
        return result

    async def _run(self, run: Run) -> Result:
        if run.arguments.session_id is None:
            async with self._admission.place(run.client):
                guest = self._guests.make(run.arguments.engine, run.arguments.packages or ())
                try:
                    return await self._turn(run, guest, first=True)
                finally:
                    await guest.box.close()
        while True:
            session = self._session(run)
            session.using += 1
            try:
                async with session.turn, self._admission.place(run.client):
                    if session.closed:
                        raise NotRun(f"the session {session.id} was closed before this was run")
                    if self._sessions.find(run.client, session.id) is session:
                        return await self._in_session(run, session)
                    # What ran before has ended it: this is run in the next one of this name.
            finally:
                session.using -= 1

    def _session(self, run: Run) -> Session:
        wanted = run.arguments
        assert wanted.session_id is not None
        found = self._sessions.find(run.client, wanted.session_id)
        if found is None:
            packages = wanted.packages or ()
            return self._sessions.make(
                run.client,
                wanted.session_id,
                lambda: self._guests.make(wanted.engine, packages),
                wanted.engine,
                packages,
            )
        if wanted.engine not in (None, found.engine):
            raise NotRun(f"engine: the session {found.id} was made without it; leave it out")
        if wanted.packages is not None and not set(wanted.packages) <= set(found.packages):
            raise NotRun(f"packages: the session {found.id} was made without them; close it first")
        return found

    async def _in_session(self, run: Run, session: Session) -> Result:
        ended, why = True, "what ran in it failed"
        try:
            result = await self._turn(run, session.guest, first=session.first)
            session.first = False
            ended, why = not result.alive, "what ran in it ended it" if session.using > 1 else ""
        except asyncio.CancelledError:
            ended, why = not session.guest.box._is_there(), "what ran in it was cancelled"
            session.first = session.first and session.runs == 0
            raise
        finally:
            session.runs += 1
            self._sessions.touch(session)
            if ended:
                self._sessions.forget(session, why or None)
        if session.earlier is not None:
            run.notices.append(
                f"the earlier session {session.id} was ended, because {session.earlier}: its "
                "variables and files are gone, and this one began empty"
            )
            session.earlier = None
        if ended:
            run.notices.append(
                f"the session {session.id} has ended: its variables and files are gone"
            )
        return result

    async def _turn(self, run: Run, guest: Guest, *, first: bool) -> Result:
        arguments, settings = run.arguments, self._settings
        timeout = settings.timeout if arguments.timeout is None else arguments.timeout
        box = guest.box
        async with self._lent(run, guest):
            if first and guest.first is not None:
                (await box.run(guest.first)).raise_for_status()
            run.turning = time.monotonic()
            left = timeout if run.lease is None else run.lease.cpu_seconds_left
            limits = box.limits.replace(wall=timeout, cpu=min(timeout, max(left, _LEAST_CPU)))
            result: Result | None = None
            stream = box.stream(
                arguments.code, stdin=arguments.stdin, filename="<run_python>", limits=limits
            )
            async with contextlib.aclosing(stream) as events:
                async for event in events:
                    if isinstance(event, Progress):
                        run.telling.say(event)
                    elif isinstance(event, Result):
                        result = event
        assert result is not None
        return result

    @contextlib.asynccontextmanager
    async def _lent(self, run: Run, guest: Guest) -> AsyncIterator[None]:
        """What the guest is lent while this run lasts."""
        if guest.lending is None:
            yield
            return
        identity = RunIdentity(run.client, run.arguments.session_id, run.id)
        approve = approving(run.conversation, self._recorder)
        sampler = sampler_of(
            self._settings, run.conversation, identity, self._recorder, self._broker
        )
        if self._broker is None:
            guest.lending.begin(_NoTools(), sampler)
            try:
                yield
            finally:
                guest.lending.end()
            return
        view = self._broker.view(identity, run.arguments.allowed_tools, approve)
        guest.lending.begin(view, sampler)
        try:
            yield
        finally:
            guest.lending.end()
            await view.close()


class _NoTools:
    """The tools of a run where none are lent."""

    async def tools(self) -> list[Any]:
        return []

    async def call(self, name: str, arguments: Any) -> Any:
        from ringfence.errors import ToolRefused

        raise ToolRefused("unknown", "no tools of other servers are lent here")


def _cpu_of(run: Run, result: Result | None) -> float:
    """CPU seconds of a run; of one that was ended, all the time that it had."""
    if run.turning is None:
        return 0.0
    if result is not None and result.usage.cpu is not None:
        return result.usage.cpu
    return time.monotonic() - run.turning


def _details(run: Run, outcome: str, ms: float, result: Result | None) -> dict[str, Any]:
    """What the audit log says of a run: hashes, and no code."""
    code = run.arguments.code.encode("utf-8", "surrogatepass")
    details: dict[str, Any] = {
        "run_id": run.id,
        "code_sha256": hashlib.sha256(code).hexdigest(),
        "outcome": outcome,
        "ms": ms,
    }
    if run.arguments.session_id is not None:
        details["session"] = run.arguments.session_id
    if result is not None:
        details["engine"] = result.engine
        details["walls"] = sorted(result.walls)
        if result.limit is not None:
            details["limit"] = result.limit
    return details


def _told(error: Exception) -> str:
    """Why nothing came of it, for a model: only what is meant for others."""
    if isinstance(error, Problem):
        later = "" if error.retry_after is None else f"; try again in {error.retry_after:.0f} s"
        return f"not run: {error.detail}{later}"
    if isinstance(error, SandboxClosed):
        return "the session was closed while it ran, or before"
    if isinstance(error, StoreUnavailable):
        return "nothing is run: the audit log cannot be written now; try again"
    if isinstance(error, EngineFailure | EngineNotAvailable | PolicyNotEnforceable):
        return f"no sandbox could be started: {str(error)[:600]}"
    if isinstance(error, NotRun | TooMany | ConfigurationError | GuestFailure):
        return str(error)[:2_000]
    return "not run: the server failed"
