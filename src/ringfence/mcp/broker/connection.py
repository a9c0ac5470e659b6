"""One server: started when it is first needed, started again when it died, ended with the broker.

Its life is in one task, from the start of the transport to the end of the last process, so that
whoever waits for it may be cancelled without harm to it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import anyio
import mcp_types
from mcp import Client
from mcp.client.session import ClientSession
from mcp.client.stdio import get_default_environment
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter, ValidationError

from ringfence.errors import ConfigurationError, ToolRefused
from ringfence.mcp.broker.addresses import address_transport, refusal
from ringfence.mcp.broker.approvals import Approvals
from ringfence.mcp.broker.budget import CallBudget, Pace
from ringfence.mcp.broker.catalog import Gathering, Listing, cleaned
from ringfence.mcp.broker.configuration import ServerEntry
from ringfence.mcp.broker.flood import Meter
from ringfence.mcp.broker.life import Life
from ringfence.mcp.broker.processes import Program, program_transport
from ringfence.mcp.broker.references import references, resolved
from ringfence.mcp.broker.selves import MARK_VARIABLE, starts_ringfence

__all__ = ["Connection"]

_STEADY = 10.0
"""Seconds that a server has to live for its deaths before to be forgotten."""
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 60.0
_WORTH_WAITING = 2.0
_MOST_PAGES = 50
_MOST_ROUNDS = 1_000
_SILENT_CALLS = 3
"""Calls in a row without an answer, after which a server is started anew."""
_FRESH = 60.0
"""Seconds that a listing holds where a server cannot say that it changed (2026-07-28)."""
_LOST = {
    (mcp_types.CONNECTION_CLOSED, "Connection closed"): "it closed the connection",
    (mcp_types.INVALID_REQUEST, "Session terminated"): "it does not know the session any more",
}
"""What the SDK says where a server at an address is to be connected to anew."""
_ASKED_PER_SECOND = 0.2
_ASKED_AT_ONCE = 10
"""How often a server that says that its tools changed is asked what they are."""
_CLIENT = mcp_types.Implementation(name="ringfence", version="1")
_ANSWER: TypeAdapter[mcp_types.CallToolResult | mcp_types.InputRequiredResult] = TypeAdapter(
    mcp_types.CallToolResult | mcp_types.InputRequiredResult
)

# The SDK logs what servers send that it does not understand, with a traceback each. Where nobody
# set logging up that goes to standard error, which a server could fill, or block, at its will.
for _sdk in ("client", "mcp.client", "mcp.shared"):
    logging.getLogger(_sdk).addHandler(logging.NullHandler())


class Connection:
    """One server, of one broker and one event loop.

    Args:
        entry: what it is.
        budget: how long it may take.
        approvals: whether it may be started.
        clock: seconds that only grow.

    Attributes:
        problem: why it does not answer, and what to do; empty while nothing is known to be wrong.
            Guests and models read it: nothing of the server's errors or of the file is in it.
        report: the same for the operator, with the last line of its errors and the file.
        starts: how often it was started.
    """

    def __init__(
        self,
        entry: ServerEntry,
        budget: CallBudget,
        approvals: Approvals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.entry = entry
        self.problem = ""
        self.report = ""
        self.starts = 0
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._budget = budget
        self._approvals = approvals
        self._clock = clock
        self._starting: asyncio.Task[ClientSession] | None = None
        self._living: asyncio.Task[None] | None = None
        self._life: Life | None = None
        self._longest = 2 * budget.result_bytes + (1 << 20)
        self._meter = Meter(self._longest)
        self._deaths = 0
        self._not_before = 0.0
        self._listing = Listing()
        self._listed_at: float | None = None
        self._changed = False
        self._known = False
        self._asks = Pace(_ASKED_PER_SECOND, _ASKED_AT_ONCE, 0.0)
        self._listing_lock = asyncio.Lock()
        self._silent = 0
        self._closed = False

    async def listing(self, *, patient: bool = False) -> Listing:
        """Its tools; asked for when it was started, said that they changed, or some time ago.

        Args:
            patient: wait for a server that failed and is to be started again in a moment.

        Raises:
            ToolRefused: it does not answer.
        """
        session = await self._session(patient=patient)
        if not self._stale(session):
            return self._listing
        async with self._listing_lock:
            if self._stale(session) and self._first_or_paced():
                self._changed = False
                try:
                    async with asyncio.timeout(self._budget.start_timeout):
                        found = await _all_tools(session)
                except Exception as error:
                    refused = self._failed(error, "listing its tools")
                    self.problem = self.report = refused.message
                    raise refused from None
                self._listing = found.listing(self.entry.name, self._listing)
                self._known = True
                self.problem = self.report = ""
                if not self._changed:  # while it was being listed
                    self._listed_at = self._clock()
        return self._listing

    def places(self, client: str) -> asyncio.Semaphore:
        """What a client's calls wait for; another's do not wait behind them."""
        found = self._places.get(client)
        if found is None:
            found = self._places[client] = asyncio.Semaphore(self._budget.concurrent)
        return found

    @property
    def secrets(self) -> Sequence[str]:
        """What was looked up for it, if it was started."""
        return () if self._life is None else self._life.secrets

    def hide(self, text: str) -> str:
        """A text of a result, without the secrets that were looked up for it."""
        return text if self._life is None else self._life.hide(text)

    @property
    def failed(self) -> bool:
        """Whether it ended too soon the last time, or did not start."""
        return self._deaths > 0

    def known(self) -> Listing:
        """Its tools as they were last listed; nothing is started or asked."""
        return self._listing

    async def call(self, tool: str, arguments: dict[str, Any]) -> mcp_types.CallToolResult:
        """Call a tool, and wait for its answer as long as the caller does.

        Raises:
            ToolRefused: it did not answer, or not as the protocol says.
        """
        session = await self._session(patient=True)
        state: str | None = None
        for turn in range(_MOST_ROUNDS):
            request = mcp_types.CallToolRequest(
                params=mcp_types.CallToolRequestParams(
                    name=tool, arguments=arguments, request_state=state
                )
            )
            try:
                answer = await session.send_request(request, _ANSWER)
            except Exception as error:
                raise self._failed(error, "the call") from None
            self._silent = 0
            if isinstance(answer, mcp_types.CallToolResult):
                return answer
            if answer.input_requests:
                raise ToolRefused(
                    "server",
                    f"{self.entry.name} asks for something of a person or a model to go on with "
                    f"{tool}; that is not offered to servers here",
                )
            state = answer.request_state
            await asyncio.sleep(min(0.05 * 2 ** min(turn, 10), 1.0))
        raise ToolRefused("server", f"{self.entry.name} never ends {tool}")

    def unanswered(self) -> None:
        """A call took too long. After some in a row, the server is ended, and starts anew."""
        self._silent += 1
        if self._silent >= _SILENT_CALLS and self._life is not None:
            self._silent = 0
            self._life.end(f"it did not answer {_SILENT_CALLS} calls in a row")

    async def close(self) -> None:
        """End it; returns when no process of it is left."""
        self._closed = True
        if self._life is not None:
            self._life.end("the broker was closed")
        tasks = [task for task in (self._starting, self._living) if task is not None]
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
            if self._living is not None:
                self._living.cancel()  # it is being started, and does not see that it was ended
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _session(self, *, patient: bool) -> ClientSession:
        if self._closed:
            raise ToolRefused("server", "the broker was closed")
        if self._living is not None and self._life is not None and self._life.ended.is_set():
            await asyncio.wait([self._living])  # what is left of it is being ended
        if self._starting is None:
            self._starting = asyncio.create_task(self._start(patient=patient))
        # Whoever waits may be cancelled; the start goes on for the others.
        return await asyncio.shield(self._starting)

    async def _start(self, *, patient: bool) -> ClientSession:
        try:
            await self._may_start(patient=patient)
            ready: asyncio.Future[ClientSession] = asyncio.get_running_loop().create_future()
            life = self._life = Life()
            self._meter = Meter(self._longest)
            self._listed_at = None
            self._known = False
            self._silent = 0
            self.starts += 1
            self._living = asyncio.create_task(self._live(life, ready))
            return await ready
        except BaseException as error:
            self._starting = None  # the next one that asks may try again
            if self._closed and isinstance(error, asyncio.CancelledError):
                raise ToolRefused("server", "the broker was closed") from None
            raise

    async def _may_start(self, *, patient: bool) -> None:
        name = self.entry.name
        try:
            holds = await asyncio.to_thread(self._approvals.holds, self.entry)
        except ConfigurationError as error:
            why = "which servers were approved cannot be read; ringfence mcp doctor says why"
            raise self._refused(why, str(error)) from None
        if not holds:
            raise self._refused(
                "the project names it, and nobody has approved of what it would start: "
                f"ringfence mcp approve {name}"
            )
        if self._living is not None:
            await asyncio.wait([self._living])
        wait = self._not_before - self._clock()
        if patient and 0 < wait <= _WORTH_WAITING:
            await asyncio.sleep(wait)
        elif wait > 0:
            raise ToolRefused(
                "server",
                f"{name} failed {self._deaths} times in a row and is not started again for "
                f"{wait:.1f} s: {self.problem}",
            )

    async def _live(self, life: Life, ready: asyncio.Future[ClientSession]) -> None:
        """Start it, let it be used until it ends or is ended, and end what is left."""
        born = self._clock()
        try:
            transport = self._transport(life)
            with anyio.fail_after(self._budget.start_timeout) as starting:
                async with Client(
                    transport,
                    mode="auto",
                    cache=None,
                    client_info=_CLIENT,
                    message_handler=self._heard,
                ) as client:
                    starting.deadline = float("inf")
                    if not ready.done():
                        ready.set_result(client.session)
                    await life.ended.wait()
        except TimeoutError:
            life.end(f"it did not start within {self._budget.start_timeout:g} s")
        except FileNotFoundError:
            life.end("its program or its folder is not there")
        except (OSError, ConfigurationError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            life.end(f"it cannot be started: {why or type(error).__name__}")
        except asyncio.CancelledError:
            life.end("the broker was closed")
            raise
        except Exception as error:
            life.end(_first(error, life))
        finally:
            self._died(life, ready, born)

    def _died(self, life: Life, ready: asyncio.Future[ClientSession], born: float) -> None:
        life.end("")
        now = self._clock()
        started = ready.done()
        steady = started and now - born >= _STEADY
        self._deaths = 1 if steady else self._deaths + 1
        # The first death is followed by a new start at once: it may be a server that was updated.
        delay = 0.0 if self._deaths == 1 else _FIRST_DELAY * 2 ** min(self._deaths - 2, 10)
        self._not_before = now + min(delay, _LONGEST_DELAY)
        self.problem = life.said(life.why)
        words = life.last_words()
        self.report = f"{self.problem}{f'; its last words: {words}' if words else ''}"
        self._starting = None
        self._listed_at = None
        if not started:
            report = f"{self.report} ({self.entry.source})"
            ready.set_exception(self._refused(self.problem, report))
            ready.exception()  # whoever asked may be gone

    def _transport(self, life: Life) -> Any:
        entry, folder = self.entry, self.entry.source.parent
        environment = os.environ
        secrets: list[str] = []

        def look_up(text: str) -> str:
            value = resolved(text, environment, folder)
            if references(text):
                secrets.append(value)
                secrets.extend(resolved(one, environment, folder) for one in references(text))
            return value

        longest = self._longest
        extra = {name: look_up(text) for name, text in (entry.env or entry.headers).items()}
        if entry.transport == "http":
            url = look_up(entry.url)
            life.keep_secret(secrets, extra)
            timeout = self._budget.call_timeout
            return address_transport(url, extra, longest, timeout, life, self._meter)
        command = look_up(entry.command)
        arguments = [look_up(one) for one in entry.args]
        life.keep_secret(secrets, extra)
        if starts_ringfence(command, arguments):
            raise ConfigurationError("it is ringfence mcp: the broker does not start itself")
        environ = {**get_default_environment(), **extra, MARK_VARIABLE: "1"}
        cwd = look_up(entry.cwd) or str(folder)
        if "/" in command:
            command = str(Path(cwd, Path(command).expanduser()))
        patience = 2 * self._budget.call_timeout
        program = Program(command, arguments, environ, cwd, longest, patience)
        return program_transport(program, life, self._meter)

    async def _heard(self, message: object) -> None:
        if isinstance(message, mcp_types.ToolListChangedNotification):
            self._listed_at = None
            self._changed = True

    def _first_or_paced(self) -> bool:
        """Whether to ask again: a server that says all the time that its tools changed is asked
        now and then only.
        """
        return not self._known or self._asks.reserve("", self._clock()) is not None

    def _stale(self, session: ClientSession) -> bool:
        if self._listed_at is None:
            return True
        return session.discover_result is not None and self._clock() - self._listed_at > _FRESH

    def _failed(self, error: Exception, what: str) -> ToolRefused:
        name = self.entry.name
        life = self._life
        if life is not None and self.entry.transport == "http" and isinstance(error, MCPError):
            lost = _LOST.get((error.error.code, error.error.message))
            if lost is not None:
                life.end(lost)
        if life is not None and life.ended.is_set():
            return ToolRefused(
                "server",
                f"{name} ended during {what}, which may or may not have been done ({life.why}); "
                "the next call starts it again",
            )
        if isinstance(error, TimeoutError):
            return ToolRefused("timeout", f"{name} did not answer in time: {what}")
        if isinstance(error, MCPError):
            said = life.said(error.error.message) if life is not None else ""
            return ToolRefused("server", f"{name} refused {what}: {said}")
        if isinstance(error, ValidationError):
            return ToolRefused("result", f"{name} answered with what the protocol does not have")
        if life is not None:
            life.end(_first(error, life))
        return ToolRefused("server", f"{name} does not answer: {type(error).__name__}")

    def _refused(self, why: str, report: str = "") -> ToolRefused:
        self.problem, self.report = why, report or why
        return ToolRefused("server", f"{self.entry.name} does not answer: {why}")


async def _all_tools(session: ClientSession) -> Gathering:
    found = Gathering()
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await session.list_tools(params=mcp_types.PaginatedRequestParams(cursor=cursor))
        found.add(page.tools)
        cursor = page.next_cursor
        if cursor is None or found.full:
            break
    return found


def _first(error: BaseException, life: Life) -> str:
    """What went wrong, without the groups around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if life.refused:
        return refusal(life.refused)
    if isinstance(error, MCPError):
        if life.ended.is_set():
            return ""  # the SDK saw its end as well
        return f"it refused to connect: {cleaned(error.error.message, 200)}"
    return f"it cannot be spoken to: {type(error).__name__}"
