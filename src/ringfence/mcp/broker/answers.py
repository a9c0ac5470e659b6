"""What a tool answered, as a guest gets it: checked against its schema, and bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mcp_types

from ringfence.errors import ToolRefused
from ringfence.mcp.broker.catalog import ToolInfo, cleaned
from ringfence.mcp.broker.checking import Checking
from ringfence.mcp.broker.json_values import NotJson, plain, texts_replaced

__all__ = ["answer_of"]

_LONGEST_MESSAGE = 4_000


async def answer_of(
    tool: ToolInfo,
    result: mcp_types.CallToolResult,
    most_bytes: int,
    checking: Checking,
    hide: Callable[[str], str],
) -> Any:
    """The structured content if there is some; else the text; else the content, a dict each.

    Args:
        tool: what was called.
        result: what its server says.
        most_bytes: of what a guest gets.
        checking: of results.
        hide: takes the server's secrets out of a text.

    Raises:
        ToolRefused: the tool says that it failed (``server``), or what it gave does not match its
            schema, or is too large (``result``).
    """
    if result.is_error:
        raise ToolRefused("server", f"{tool.name} failed: {_words(result, hide)}")
    if "structured_content" in result.model_fields_set and result.structured_content is not None:
        found = result.structured_content
    elif tool.output_schema is not None:
        raise ToolRefused(
            "result", f"{tool.name} gave no structured result, although its schema promises one"
        )
    elif all(isinstance(one, mcp_types.TextContent) for one in result.content):
        found = _texts(result)
    else:
        found = [
            one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in result.content
        ]
    try:
        read = plain(found, "result", most_bytes)
    except NotJson as error:
        raise ToolRefused(
            "result", f"{tool.name} gave a result that is not passed on", (error.problem,)
        ) from None
    value = texts_replaced(read.value, hide)
    if tool.output_schema is not None:
        problems = await checking.result(tool, value, read.values)
        if problems:
            raise ToolRefused(
                "result", f"{tool.name} gave a result that does not match its schema", problems
            )
    return value


def _texts(result: mcp_types.CallToolResult) -> str:
    return "\n".join(one.text for one in result.content if isinstance(one, mcp_types.TextContent))


def _words(result: mcp_types.CallToolResult, hide: Callable[[str], str]) -> str:
    return cleaned(hide(_texts(result)[: 2 * _LONGEST_MESSAGE]), _LONGEST_MESSAGE)
