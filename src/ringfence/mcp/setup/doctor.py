"""Which servers answer, and what their tools would cost a model that had them all before it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ringfence.mcp.broker.broker import Broker
from ringfence.mcp.broker.catalog import ToolInfo
from ringfence.mcp.broker.configuration import Configuration, ServerEntry
from ringfence.mcp.broker.rules import ToolRules
from ringfence.mcp.recording import Unrecorded
from ringfence.mcp.server.settings import McpSettings
from ringfence.mcp.server.tools import tools_of
from ringfence.mcp.setup.tokens import Counter, counter, tool_schema

__all__ = ["Examined", "Findings", "examine"]


@dataclass(frozen=True)
class Examined:
    """One server.

    Attributes:
        name: what the configuration calls it.
        origin: the user's file, or the project's.
        problem: why it does not answer; None if it does.
        tools: how many it offers.
        allowed: how many of these guests may call.
        tokens: what they would cost a model, all before it.
        left_out: tools that the broker does not offer: what the server calls them -> why.
    """

    name: str
    origin: str
    problem: str | None
    tools: int = 0
    allowed: int = 0
    tokens: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """What was found.

    Attributes:
        servers: each that is configured.
        warnings: what the configuration leaves out, and why.
        tokens: what all of them would cost.
        own: what Ringfence's own tools cost, however many servers there are.
        tokenizer: whose count it is.
        exact: whether it was counted, or estimated.
        seconds: that it took to start them all and list their tools.
    """

    servers: tuple[Examined, ...]
    warnings: tuple[str, ...]
    tokens: int
    own: int
    tokenizer: str
    exact: bool
    seconds: float


def examine(configuration: Configuration, settings: McpSettings) -> Findings:
    """Start each server, ask for its tools, and end it. No tool is called.

    Args:
        configuration: the servers.
        settings: of the MCP server: what guests may call, and what its own tools say.
    """
    began = time.monotonic()
    tools, problems, left_out = asyncio.run(_asked(configuration.servers))
    seconds = time.monotonic() - began
    counts = counter()
    rules = ToolRules(settings.allow, settings.approved)
    servers = tuple(
        _answering(
            one,
            [tool for tool in tools if tool.server == one.name],
            rules,
            counts,
            left_out.get(one.name, {}),
        )
        if one.name not in problems
        else Examined(one.name, one.origin, problems[one.name])
        for one in configuration.servers
    )
    return Findings(
        servers,
        configuration.warnings,
        counts.count(_schema(tools)) if tools else 0,
        own_tokens(settings, counts),
        counts.name,
        counts.exact,
        seconds,
    )


def own_tokens(settings: McpSettings, counts: Counter) -> int:
    """What Ringfence's own tools cost a model."""
    own = tools_of(settings, None, lending=settings.tools)
    return counts.count(
        tool_schema((one.name, one.description or "", one.input_schema) for one in own)
    )


async def _asked(
    servers: Sequence[ServerEntry],
) -> tuple[list[ToolInfo], dict[str, str], dict[str, Mapping[str, str]]]:
    """(all tools, why servers do not answer, what is left out), of servers that are ended again."""
    async with Broker(servers, ToolRules(), approve=None, recorder=Unrecorded()) as broker:
        return await broker.tools(), dict(broker.reports), dict(broker.left_out)


def _answering(
    server: ServerEntry,
    tools: Sequence[ToolInfo],
    rules: ToolRules,
    counts: Counter,
    left_out: Mapping[str, str],
) -> Examined:
    return Examined(
        server.name,
        server.origin,
        None,
        len(tools),
        sum(map(rules.allows, tools)),
        counts.count(_schema(tools)) if tools else 0,
        dict(left_out),
    )


def _schema(tools: Sequence[ToolInfo]) -> str:
    return tool_schema((one.name, one.description, one.input_schema) for one in tools)
