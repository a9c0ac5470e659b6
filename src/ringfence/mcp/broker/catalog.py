"""What a server says of its tools, bounded and cleaned: nothing else of a listing is used."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mcp_types

from ringfence.mcp.broker.names import full_name, is_tool_name, python_names
from ringfence.mcp.broker.schemas import SchemaRefused, admit

__all__ = ["MOST_TOOLS", "Gathering", "Listing", "ToolInfo", "cleaned"]

MOST_TOOLS = 1_000
_MOST_TITLE = 200
_MOST_DESCRIPTION = 2_000
_MOST_PARTS = 100_000
_MOST_TEXT = 1 << 20


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


class Gathering:
    """The tools of one server, page by page: what is not taken is not kept.

    A tool whose name or schema cannot be taken is left out, and so is a second one of a name, and
    all that come after too many, or too large ones.
    """

    def __init__(self) -> None:
        self.full = False
        """Whether no more are taken."""
        self._found: dict[str, mcp_types.Tool] = {}
        self._left_out: dict[str, str] = {}
        self._seen = 0
        self._parts = 0
        self._in_vain = 0
        self._text = 0

    def add(self, tools: Iterable[mcp_types.Tool]) -> None:
        """Take those of a page."""
        for tool in tools:
            shown = cleaned(tool.name, 128)
            self._seen += 1
            if self.full or self._seen > MOST_TOOLS:
                self._left_out[shown] = (
                    f"it is beyond the first {MOST_TOOLS:,}, or beyond schemas that are too large"
                )
                self.full = True
                return
            try:
                self._take(tool)
            except SchemaRefused as error:
                self._left_out[shown] = str(error)
            else:
                self._found[tool.name] = tool

    def _take(self, tool: mcp_types.Tool) -> None:
        if not is_tool_name(tool.name):
            raise SchemaRefused("its name is not one of letters, digits and _ . / - up to 128")
        if tool.name in self._found:
            raise SchemaRefused("it is there twice; the first is taken")
        weights = []
        for schema in (tool.input_schema, tool.output_schema):
            if schema is not None:
                try:
                    weights.append(admit(schema))
                except SchemaRefused as error:
                    self._looked(error.looked)
                    raise SchemaRefused(f"its schema is not taken: {error}") from None
        parts = self._parts + sum(one.parts for one in weights)
        text = self._text + sum(one.text for one in weights)
        text += min(len(tool.description or ""), _MOST_DESCRIPTION)
        if parts > _MOST_PARTS or text > _MOST_TEXT:
            self._looked(sum(one.parts for one in weights))
            raise SchemaRefused(
                f"all tools of its server have more than {_MOST_PARTS:,} parts of schemas, or "
                f"{_MOST_TEXT >> 10:,} KiB of text"
            )
        self._parts, self._text = parts, text

    def _looked(self, parts: int) -> None:
        """Looking at what is not taken is work, too."""
        self._in_vain += parts
        self.full = self.full or self._in_vain > _MOST_PARTS

    def listing(self, server: str, before: Listing) -> Listing:
        """What was taken. A tool that is as it was before is the same object."""
        names = python_names(self._found)
        infos = {name: _info(server, tool, names[name]) for name, tool in self._found.items()}
        kept = {
            name: before.tools[name] if before.tools.get(name) == info else info
            for name, info in infos.items()
        }
        return Listing(kept, self._left_out)


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
