"""The broker: all servers of one ``ringfence mcp``, and what runs may call of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ringfence.errors import ConfigurationError, ToolRefused
from ringfence.mcp.broker.approvals import Approvals
from ringfence.mcp.broker.budget import CallBudget, Pace
from ringfence.mcp.broker.calls import Approve, RunIdentity
from ringfence.mcp.broker.catalog import Listing, ToolInfo
from ringfence.mcp.broker.checking import Checking
from ringfence.mcp.broker.configuration import ServerEntry
from ringfence.mcp.broker.connection import Connection
from ringfence.mcp.broker.rules import Narrowing, ToolRules
from ringfence.mcp.broker.selves import refuse_if_nested
from ringfence.mcp.broker.view import ToolView

if TYPE_CHECKING:
    from ringfence.mcp.recording import Recorder

__all__ = ["Broker"]

_FAILED_BEFORE = 2.0


class Broker:
    """Starts servers when their tools are asked for, and ends them all when it is left.

    An async context manager, of one event loop.

    Args:
        servers: from a configuration.
        rules: the operator's list.
        approve: who is asked before a destructive tool is called, unless a view has its own; None
            for nobody, and then none is called.
        budget: what calls may cost.
        recorder: where each call and each refusal is noted, with hashes of what passed.
        approvals: which of a project's servers may be started; by default this user's file.
        clock: seconds that only grow.

    Raises:
        ConfigurationError: two servers have one name, or this process is a server that another
            broker started: it would start itself without end.
    """

    def __init__(
        self,
        servers: Sequence[ServerEntry],
        rules: ToolRules,
        *,
        approve: Approve | None,
        budget: CallBudget | None = None,
        recorder: Recorder,
        approvals: Approvals | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        refuse_if_nested()
        self.rules = rules
        self.budget = CallBudget() if budget is None else budget
        self.approve = approve
        self.recorder = recorder
        self.clock = clock
        self.checking = Checking()
        self.pace = Pace(self.budget.rate, self.budget.burst, self.budget.patience)
        approvals = Approvals() if approvals is None else approvals
        self.connections: dict[str, Connection] = {}
        for entry in servers:
            if entry.name in self.connections:
                raise ConfigurationError(f"two servers are called {entry.name}")
            self.connections[entry.name] = Connection(entry, self.budget, approvals, clock)
        self._left_out: dict[str, Mapping[str, str]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End all servers; returns when no process of them is left."""
        await asyncio.gather(*(one.close() for one in self.connections.values()))

    @property
    def problems(self) -> Mapping[str, str]:
        """Why servers do not answer, and what to do, by their names. Of none that was not asked.

        Guests and models may read it.
        """
        return {name: one.problem for name, one in self.connections.items() if one.problem}

    @property
    def reports(self) -> Mapping[str, str]:
        """The same for the operator: with the last line of a server's errors, and the file."""
        return {name: one.report for name, one in self.connections.items() if one.problem}

    def secrets(self) -> frozenset[str]:
        """What was looked up for the servers that were started, for others to keep it too."""
        return frozenset(one for each in self.connections.values() for one in each.secrets)

    @property
    def left_out(self) -> Mapping[str, Mapping[str, str]]:
        """Tools that are not offered, and why, by server and by what it calls them."""
        return {name: tools for name, tools in self._left_out.items() if tools}

    async def tools(
        self, *, allowed: Sequence[str] | None = None, servers: Sequence[str] | None = None
    ) -> list[ToolInfo]:
        """The tools of all servers that answer, whether or not the operator allows them.

        Servers that do not run are started, all at once. The others are in :attr:`problems`.

        Args:
            allowed: patterns; only what they name.
            servers: only these are asked.

        Raises:
            ConfigurationError: a pattern is none.
        """
        narrowing = Narrowing(allowed)
        asked = [
            one for name, one in self.connections.items() if servers is None or name in servers
        ]
        listings = await asyncio.gather(*(self._listing(one) for one in asked))
        return [
            tool
            for listing in listings
            for tool in listing.tools.values()
            if narrowing.admits(tool)
        ]

    async def _listing(self, connection: Connection) -> Listing:
        limit = self.budget.discovery_timeout
        try:
            async with asyncio.timeout(min(limit, _FAILED_BEFORE) if connection.failed else limit):
                listing = await connection.listing()
        except TimeoutError:
            if not connection.problem:
                connection.problem = connection.report = "it is still starting; ask again"
            return Listing()
        except ToolRefused:
            return Listing()
        self._left_out[connection.entry.name] = listing.left_out
        return listing

    def view(
        self,
        run: RunIdentity,
        allowed_tools: Sequence[str] | None = None,
        approve: Approve | None = None,
    ) -> ToolView:
        """What the guest of one run may see and call.

        Args:
            run: whose.
            allowed_tools: patterns that narrow what the operator allows; None narrows nothing.
            approve: who is asked for this run, instead of the broker's.

        Raises:
            ConfigurationError: a pattern is none.
        """
        return ToolView(
            self, run, Narrowing(allowed_tools), self.approve if approve is None else approve
        )
