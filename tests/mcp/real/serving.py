"""``ringfence mcp`` as a client starts it, and the SDK's own client that asks it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.client.stdio import StdioServerParameters
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, ErrorData, TextContent


def environment(folder: Path) -> dict[str, str]:
    """Of a user who has nothing but the images of this one."""
    return {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "XDG_STATE_HOME": str(folder / ".local" / "state"),
        "XDG_DATA_HOME": str(folder / ".local" / "share"),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
        "PATH": os.environ["PATH"],
    }


@contextlib.asynccontextmanager
async def started(
    command: str,
    arguments: Sequence[str],
    folder: Path,
    *,
    mode: str = "auto",
    asked: list[str] | None = None,
) -> AsyncIterator[Client]:
    """A server that was started by a command line, and a client of it.

    Args:
        command: the program.
        arguments: of it.
        folder: the user's home.
        mode: the era of the protocol.
        asked: takes the questions that the client is asked; it says yes to each. None: the client
            cannot be asked.
    """

    async def agree(
        context: ClientRequestContext, params: ElicitRequestParams
    ) -> ElicitResult | ErrorData:
        assert asked is not None
        asked.append(params.message)
        properties: Any = getattr(params, "requested_schema", {}).get("properties", {})
        return ElicitResult(action="accept", content=dict.fromkeys(properties, True))

    parameters = StdioServerParameters(
        command=command, args=list(arguments), env=environment(folder), cwd=folder
    )
    async with Client(
        parameters, mode=mode, elicitation_callback=None if asked is None else agree
    ) as client:
        yield client


@contextlib.asynccontextmanager
async def serving(
    folder: Path, *options: str, mode: str = "auto", asked: list[str] | None = None
) -> AsyncIterator[Client]:
    """The same of this Ringfence's MCP server."""
    arguments = ["-m", "ringfence", "mcp", *options]
    async with started(sys.executable, arguments, folder, mode=mode, asked=asked) as client:
        yield client


async def run(client: Client, code: str, **more: Any) -> Any:
    """Run a program; the structured result, of one that ended well."""
    result = await client.call_tool("run_python", {"code": code, **more})
    content = result.structured_content
    assert content is not None, said(result)
    assert content["status"] == "ok", said(result)
    return content


def said(result: CallToolResult) -> str:
    """The texts of an answer."""
    return "\n".join(one.text for one in result.content if isinstance(one, TextContent))


def settings_of(file: Path, name: str = "ringfence", table: str = "mcpServers") -> Any:
    """What a client's file says of a server."""
    return json.loads(file.read_text())[table][name]
