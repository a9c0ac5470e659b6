"""What the guest of one run may see and call of the servers' tools: every check is made here."""

from __future__ import annotations

import asyncio
import difflib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ringfence.errors import ToolRefused
from ringfence.mcp.broker.answers import answer_of
from ringfence.mcp.broker.calls import ApprovalRequest, Approve, RunIdentity
from ringfence.mcp.broker.catalog import ToolInfo
from ringfence.mcp.broker.connection import Connection
from ringfence.mcp.broker.json_values import NotJson, Plain, digest, plain
from ringfence.mcp.broker.names import split_name
from ringfence.mcp.broker.rules import Narrowing
from ringfence.mcp.search import ToolMatch, rank

if TYPE_CHECKING:
    from ringfence.mcp.broker.broker import Broker

__all__ = ["ToolView"]

_MOST_NOTED = 100
"""Refusals of one run that are noted one by one."""
_LONGEST_NAME = 250
_MOST_HELD = 64 << 20
"""Bytes of arguments that one run may have under way, each value counted with what Python adds."""
_OF_A_VALUE = 64
_MOST_DENIALS = 3
"""After so many calls of a run that nobody approved, nobody is asked again; nor of more at once."""


class ToolView:
    """One run's tools, and of no other run. Made by :meth:`Broker.view`.

    Attributes:
        calls: how many were made so far, those that were refused included.
    """

    def __init__(
        self, broker: Broker, run: RunIdentity, narrowing: Narrowing, approve: Approve | None
    ) -> None:
        self.calls = 0
        self._broker = broker
        self._run = run
        self._narrowing = narrowing
        self._approve = approve
        self._closed = False
        self._refused = 0
        self._held = 0
        self._denied = 0
        self._asking = asyncio.Semaphore(_MOST_DENIALS)
        self._under_way: set[asyncio.Timeout] = set()

    async def tools(self) -> list[ToolInfo]:
        """Those that may be called, by name. Servers of which none may be are not started."""
        found = await self._broker.tools(servers=self._servers())
        return sorted((one for one in found if self._allowed(one)), key=lambda one: one.name)

    @property
    def problems(self) -> Mapping[str, str]:
        """Why servers that this run may use do not answer, and what to do, by their names."""
        mine = self._servers()
        return {name: why for name, why in self._broker.problems.items() if name in mine}

    async def search(self, text: str, limit: int = 10) -> list[ToolMatch[ToolInfo]]:
        """Those of them that a text asks for, the best first."""
        return rank(await self.tools(), text, limit)

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Call a tool.

        Returns:
            Its structured content if it has some; else its text; else its content, a dict each.

        Raises:
            ToolRefused: it was not made, or did not end well; the text says what would mend it.
        """
        self.calls += 1
        started = time.perf_counter()
        details: dict[str, Any] = {"tool": str(name)[:_LONGEST_NAME], "run_id": self._run.run_id}
        try:
            value = await self._call(name, arguments, details)
        except ToolRefused as error:
            self._note(details, error.code, started)
            raise
        except BaseException:
            self._note(details, "cancelled", started)
            raise
        details["result_sha256"] = await _digest(value)
        self._note(details, "ok", started)
        return value

    async def close(self) -> None:
        """End what is under way; further calls are refused."""
        self._closed = True
        for one in tuple(self._under_way):
            one.reschedule(asyncio.get_running_loop().time())

    async def _call(self, name: str, arguments: Mapping[str, Any], details: dict[str, Any]) -> Any:
        budget = self._broker.budget
        if self._closed:
            raise self._over()
        if self.calls > budget.calls:
            raise ToolRefused(
                "budget", f"a run may make {budget.calls:,} calls of tools, and these were made"
            )
        connection, tool = await self._find(name)
        try:
            read = plain(arguments, "arguments", budget.argument_bytes)
        except NotJson as error:
            raise ToolRefused(
                "arguments", f"{tool.name} was not called: no such arguments", (error.problem,)
            ) from None
        given, held = read.value, read.size + _OF_A_VALUE * read.values
        if not isinstance(given, dict):
            raise ToolRefused("arguments", f"{tool.name} was not called: arguments are a dict")
        if self._held and self._held + held > _MOST_HELD:
            raise ToolRefused(
                "budget",
                f"{tool.name} was not called: too much is under way at once; wait for some of it, "
                "or give smaller arguments",
            )
        self._held += held
        try:
            return await self._checked(connection, tool, read, details)
        finally:
            self._held -= held

    async def _checked(
        self, connection: Connection, tool: ToolInfo, read: Plain, details: dict[str, Any]
    ) -> Any:
        problems = await self._broker.checking.arguments(tool, read.value, read.values)
        if problems:
            raise ToolRefused(
                "arguments", f"{tool.name} was not called: mend the arguments", problems
            )
        details["arguments_sha256"] = await _digest(read.value)
        await self._approved(connection, tool, read.value)
        await self._paced()
        return await self._made(connection, tool, read.value, details)

    async def _find(self, name: object) -> tuple[Connection, ToolInfo]:
        parts = split_name(name) if isinstance(name, str) else None
        if parts is None or not isinstance(name, str):
            raise ToolRefused("unknown", f"{_quoted(name)} is no tool: a name is mcp__server__tool")
        server, wanted = parts
        connection = self._broker.connections.get(server)
        if connection is None or server not in self._servers():
            raise self._not_there(name)
        tool = (await connection.listing(patient=True)).tools.get(wanted)
        if tool is None or not self._allowed(tool):
            raise self._not_there(name, tool)
        return connection, tool

    def _not_there(self, name: str, tool: ToolInfo | None = None) -> ToolRefused:
        if tool is not None:
            if not self._broker.rules.allows(tool):
                return ToolRefused(
                    "not-allowed",
                    f"{name} is not on the operator's list of tools; it is put there with "
                    f"--allow {tool.server}.{tool.tool}",
                )
            return ToolRefused("not-allowed", f"{name} is not among this run's allowed_tools")
        known = [
            one.name
            for connection in self._broker.connections.values()
            for one in connection.known().tools.values()
            if self._allowed(one)
        ]
        # It takes milliseconds: not for a program that only guesses.
        guessing = self._refused >= _MOST_NOTED
        near = [] if guessing else difflib.get_close_matches(name[:_LONGEST_NAME], known[:1_000], 3)
        also = f"; did you mean {' or '.join(near)}?" if near else ""
        return ToolRefused("unknown", f"there is no tool {_quoted(name)} that may be called{also}")

    def _servers(self) -> list[str]:
        return [
            name
            for name in self._broker.connections
            if self._broker.rules.may_name(name) and self._narrowing.may_name(name)
        ]

    def _allowed(self, tool: ToolInfo) -> bool:
        return self._broker.rules.allows(tool) and self._narrowing.admits(tool)

    async def _approved(
        self, connection: Connection, tool: ToolInfo, arguments: dict[str, Any]
    ) -> None:
        if not self._broker.rules.needs_approval(tool):
            return
        if self._approve is None:
            raise ToolRefused(
                "approval",
                f"{tool.name} was not called: it may destroy something, or does not say that it "
                f"does not, and there is nobody to ask; {_remedy(tool)}",
            )
        async with self._asking:
            if self._closed:
                raise self._over()
            if self._denied >= _MOST_DENIALS:
                raise ToolRefused(
                    "approval",
                    f"{tool.name} was not called: nobody approved of {_MOST_DENIALS} calls of this "
                    "run, and nobody is asked about more",
                )
            approved = await self._asked(self._approve, tool, arguments)
            self._denied += not approved
        if not approved:
            raise ToolRefused(
                "approval",
                f"{tool.name} was not called: it may destroy something, or does not say that it "
                f"does not, and nobody approved of it; {_remedy(tool)}",
            )
        if (await connection.listing(patient=True)).tools.get(tool.tool) is not tool:
            raise ToolRefused(
                "approval",
                f"{tool.name} was not called: its server changed it while somebody was asked about "
                "it; look at it again",
            )

    async def _asked(self, approve: Approve, tool: ToolInfo, arguments: dict[str, Any]) -> bool:
        # What is asked about is a copy: what is called cannot be changed by who answers.
        request = ApprovalRequest(tool, plain(arguments, "arguments", 1 << 30).value, self._run)
        try:
            async with asyncio.timeout(self._broker.budget.approval_timeout) as limit:
                self._under_way.add(limit)
                try:
                    return await approve(request) is True
                finally:
                    self._under_way.discard(limit)
        except Exception:  # whatever is no yes is a no
            return False

    async def _paced(self) -> None:
        wait = self._broker.pace.reserve(self._run.client, self._broker.clock())
        if wait is None:
            raise ToolRefused(
                "budget",
                f"too many calls at once: {self._broker.budget.rate:g} in a second; make fewer, "
                "or wait between them",
            )
        if wait:
            await asyncio.sleep(wait)

    async def _made(
        self, connection: Connection, tool: ToolInfo, arguments: dict[str, Any], details: Any
    ) -> Any:
        budget = self._broker.budget
        called = False
        try:
            async with asyncio.timeout(budget.call_timeout) as limit:
                self._under_way.add(limit)
                try:
                    async with connection.places(self._run.client):
                        if self._closed:
                            raise TimeoutError
                        called = True
                        result = await connection.call(tool.tool, arguments)
                finally:
                    self._under_way.discard(limit)
        except TimeoutError:
            if self._closed:
                raise self._over() from None
            if called:
                connection.unanswered()
            raise ToolRefused(
                "timeout",
                f"{tool.name} did not answer within {budget.call_timeout:g} s; it may or may not "
                "have been done",
            ) from None
        checking = self._broker.checking
        return await answer_of(tool, result, budget.result_bytes, checking, connection.hide)

    def _over(self) -> ToolRefused:
        return ToolRefused("budget", "the run is over: it calls no tools any more")

    def _note(self, details: dict[str, Any], outcome: str, started: float) -> None:
        done = "arguments_sha256" in details
        if not done:
            self._refused += 1
            if self._refused > _MOST_NOTED:
                return
        details["outcome"] = outcome
        details["ms"] = round((time.perf_counter() - started) * 1_000, 3)
        kind = "mcp.tool" if done and outcome not in {"approval", "budget"} else "mcp.denied"
        self._broker.recorder.note(kind, self._run.client, details)


def _remedy(tool: ToolInfo) -> str:
    return (
        "the operator can let it be called unasked, with approved = "
        f'["{tool.server}.{tool.tool}"] in mcp.toml'
    )


async def _digest(value: Any) -> str:
    if isinstance(value, dict | list) and len(value) > 1_000:
        return await asyncio.to_thread(digest, value)
    return digest(value)


def _quoted(name: object) -> str:
    return ascii(name[:_LONGEST_NAME]) if isinstance(name, str) else f"a {type(name).__name__}"
