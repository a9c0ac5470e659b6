"""What a server says of its tools, bounded and cleaned: nothing else of a listing is used."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mcp_types

from ringfence.mcp.broker.names import full_name, is_tool_name, python_names
from ringfence.mcp.broker.schemas import SchemaRefused, admit

__all__ = ["MOST_TOOLS", "Listing", "ToolInfo", "cleaned", "listing_of"]

MOST_TOOLS = 1_000
_MOST_TITLE = 200
_MOST_DESCRIPTION = 2_000


@dataclass(frozen=True)
class ToolInfo:
    """One tool of one server. Everything but the names is the server's claim.

    Attributes:
        name: ``mcp__server__tool``.
        server: what the configuration calls its server.
        tool: what the server calls it.
        title: for people; bounded, without control characters, may be empty.
        description: what it does, at most 2,000 characters, without control characters.
        input_schema: JSON Schema of its arguments; bounded, and nothing in it leads elsewhere.
        output_schema: the same of its structured result; None if it declares none.
        read_only: it says that it changes nothing.
        destructive: it may destroy something. A tool that does not say counts as destructive.
        python_name: what its wrapper is called in the guest, unique within its server.
    """

    name: str
    server: str
    tool: str
    title: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any] | None
    read_only: bool
    destructive: bool
    python_name: str


@dataclass(frozen=True)
class Listing:
    """The tools of one server.

    Attributes:
        tools: those that can be called, by what their server calls them.
        left_out: why others are not offered, by the name that their server gives them (cleaned).
    """

    tools: Mapping[str, ToolInfo] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


def listing_of(server: str, tools: Iterable[mcp_types.Tool], before: Listing) -> Listing:
    """What a server's tools are.

    A tool whose name or schema cannot be taken is left out, and so is a second one of a name. A
    tool that is as it was before is the same object.
    """
    found: dict[str, mcp_types.Tool] = {}
    left_out: dict[str, str] = {}
    for number, tool in enumerate(tools):
        shown = cleaned(tool.name, 128)
        if number >= MOST_TOOLS:
            left_out[shown] = f"it is beyond the first {MOST_TOOLS:,}"
            break
        if not is_tool_name(tool.name):
            left_out[shown] = "its name is not one of letters, digits and _ . / - up to 128"
        elif tool.name in found:
            left_out[shown] = "it is there twice; the first is taken"
        else:
            try:
                admit(tool.input_schema)
                if tool.output_schema is not None:
                    admit(tool.output_schema)
            except SchemaRefused as error:
                left_out[shown] = f"its schema is not taken: {error}"
            else:
                found[tool.name] = tool
    names = python_names(found)
    infos = {name: _info(server, tool, names[name]) for name, tool in found.items()}
    kept = {
        name: before.tools[name] if before.tools.get(name) == info else info
        for name, info in infos.items()
    }
    return Listing(kept, left_out)


def _info(server: str, tool: mcp_types.Tool, python: str) -> ToolInfo:
    claims = tool.annotations or mcp_types.ToolAnnotations()
    read_only = claims.read_only_hint is True
    return ToolInfo(
        name=full_name(server, tool.name),
        server=server,
        tool=tool.name,
        title=cleaned(tool.title or claims.title or "", _MOST_TITLE),
        description=cleaned(tool.description or "", _MOST_DESCRIPTION),
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        read_only=read_only,
        destructive=not read_only and claims.destructive_hint is not False,
        python_name=python,
    )


def cleaned(text: str, most: int) -> str:
    """Text of a server as it may be shown: no control or invisible characters, and not too long."""
    kept = "".join(
        one if one in "\n\t" or unicodedata.category(one)[0] != "C" else " "
        for one in text[: 2 * most]
    ).strip()
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"
