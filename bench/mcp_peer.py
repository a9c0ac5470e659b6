"""``python -m bench.mcp_peer TOOLS``: an MCP server on standard input and output, by the SDK alone.

Its tools answer at once, but ``slow``, which takes a twentieth of a second.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

SLOW = 0.05
"""Seconds that ``slow`` takes."""

_SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "Where to look."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    },
}


def tools(count: int) -> list[Tool]:
    """``slow`` and as many as make ``count``."""
    names = ["slow", *(f"tool_{number}" for number in range(1, count))]
    return [
        Tool(
            name=name,
            description=f"{name}: looks something up, and changes nothing. It may be called often.",
            input_schema=_SCHEMA,
            annotations=ToolAnnotations(read_only_hint=True, destructive_hint=False),
        )
        for name in names
    ]


async def serve(count: int) -> None:
    """Serve until standard input ends."""
    offered = tools(count)

    async def on_list(_: Any, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=offered)

    async def on_call(_: Any, params: CallToolRequestParams) -> CallToolResult:
        if params.name == "slow":
            await asyncio.sleep(SLOW)
        return CallToolResult(content=[TextContent(type="text", text="done")])

    server: Server[Any] = Server("peer", on_list_tools=on_list, on_call_tool=on_call)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
