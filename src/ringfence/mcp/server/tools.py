"""The tools that a client sees: four, whose descriptions and schemas stay small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mcp_types as types

if TYPE_CHECKING:
    from ringfence.mcp.server.settings import McpSettings

__all__ = ["instructions_of", "tools_of"]

_INSTRUCTIONS = (
    "run_python executes Python in a fresh sandbox without network or your files. Write a whole "
    "program for one call, and print what you need."
)
_INSTRUCTIONS_WITH_TOOLS = (
    " Other MCP servers' tools are async functions in there: find them with search_tools."
)

_RUN = (
    "Run Python in a sandbox: a new one for each call, or the session's, which keeps variables "
    "and files. No network, nothing of the user's machine. The value of the last expression is "
    "returned; display(x) shows images and tables; progress(fraction, message) reports; top-level "
    "await works."
)
_WITH_TOOLS = (
    " Other MCP servers' tools: `await call_mcp_tool('mcp__server__tool', {...})`, or `from "
    "mcp_tools import server; await server.tool(...)`; asyncio.gather runs them concurrently; "
    "`await discover_mcp_tools()`, `await search_tools('words')` and `await "
    "get_tool_schema(name)` find them. Chain calls in one program and print only what matters."
)
_WITH_MODEL = " `await llm.ask(prompt)` asks a model."

_SESSION_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"}
_NAMES = {"type": "array", "items": {"type": "string"}}


def instructions_of(*, lending: bool) -> str:
    """What a client is told of the server as a whole."""
    return _INSTRUCTIONS + (_INSTRUCTIONS_WITH_TOOLS if lending else "")


def tools_of(settings: McpSettings, closed: str | None, *, lending: bool) -> list[types.Tool]:
    """The tools there are.

    Args:
        settings: what the operator decided.
        closed: why nothing is run, if nothing is.
        lending: whether other servers' tools are lent to guests.
    """
    found = [
        _tool(
            "run_python",
            "Run Python",
            _closed(closed)
            + _RUN
            + (_WITH_TOOLS if lending else "")
            + (_WITH_MODEL if settings.sampling != "off" else ""),
            _run_properties(settings, lending=lending),
            ["code"],
            output={
                "type": "object",
                "properties": {
                    "status": {"enum": ["ok", "error", "limit", "crashed", "cancelled"]},
                    "value": {},
                    "stdout": {},
                    "stderr": {},
                    "error": {"type": ["object", "null"]},
                    "run_id": {"type": "string"},
                },
                "required": ["status", "value", "stdout", "stderr", "error", "run_id"],
            },
            hints={"destructive": lending, "read_only": False, "open_world": lending},
        ),
        _tool(
            "list_sessions",
            "List sessions",
            "Your sessions of run_python.",
            {},
            [],
            hints={"read_only": True},
        ),
        _tool(
            "close_session",
            "Close a session",
            "End a session; its variables and files are gone.",
            {"session_id": _SESSION_ID},
            ["session_id"],
            hints={"destructive": True, "idempotent": True},
        ),
    ]
    if lending:
        found.append(
            _tool(
                "search_tools",
                "Search tools",
                "Find other MCP servers' tools that run_python can call: names, descriptions and "
                "input schemas, best first.",
                {
                    "query": {"type": "string"},
                    "limit": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
                },
                ["query"],
                hints={"read_only": True},
            )
        )
    return found


def _run_properties(settings: McpSettings, *, lending: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "code": {"type": "string", "description": "The whole program."},
        "session_id": {
            **_SESSION_ID,
            "description": "Any name: made if new. Leave out for a fresh sandbox.",
        },
        "timeout_seconds": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": settings.most_timeout,
            "default": settings.timeout,
        },
        "stdin": {"type": "string"},
    }
    if len(settings.engines) > 1:
        properties["engine"] = {"enum": list(settings.engines)}
    if settings.packages:
        properties["packages"] = {
            "type": "array",
            "items": {"enum": list(settings.packages)},
            "description": "To be importable.",
        }
    if lending:
        properties["allowed_tools"] = {
            **_NAMES,
            "description": "Let the program call only these (server, server.tool, * for any text).",
        }
    return properties


def _tool(
    name: str,
    title: str,
    description: str,
    properties: Mapping[str, Any],
    required: list[str],
    *,
    hints: Mapping[str, bool],
    output: Mapping[str, Any] | None = None,
) -> types.Tool:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    return types.Tool(
        name=name,
        title=title,
        description=description,
        input_schema=schema,
        output_schema=None if output is None else dict(output),
        annotations=types.ToolAnnotations(
            read_only_hint=hints.get("read_only", False),
            destructive_hint=hints.get("destructive", False),
            idempotent_hint=hints.get("idempotent", False),
            open_world_hint=hints.get("open_world", False),
        ),
    )


def _closed(closed: str | None) -> str:
    return "" if closed is None else f"NOT AVAILABLE. {closed} "
