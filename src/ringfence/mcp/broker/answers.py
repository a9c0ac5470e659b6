"""What a tool answered, as a guest gets it: checked against its schema, and bounded."""

from __future__ import annotations

from typing import Any

import mcp_types

from ringfence.errors import ToolRefused
from ringfence.mcp.broker.catalog import ToolInfo, cleaned
from ringfence.mcp.broker.checking import Checking
from ringfence.mcp.broker.json_values import NotJson, plain

__all__ = ["answer_of"]

_LONGEST_MESSAGE = 4_000


async def answer_of(
    tool: ToolInfo, result: mcp_types.CallToolResult, most_bytes: int, checking: Checking
) -> Any:
    """The structured content if there is some; else the text; else the content, a dict each.

    Raises:
        ToolRefused: the tool says that it failed (``server``), or what it gave does not match its
            schema, or is too large (``result``).
    """
    if result.is_error:
        raise ToolRefused("server", f"{tool.name} failed: {_texts(result)[:_LONGEST_MESSAGE]}")
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
        value, values, _ = plain(found, "result", most_bytes)
    except NotJson as error:
        raise ToolRefused(
            "result", f"{tool.name} gave a result that is not passed on", (error.problem,)
        ) from None
    if tool.output_schema is not None:
        problems = await checking.result(tool, value, values)
        if problems:
            raise ToolRefused(
                "result", f"{tool.name} gave a result that does not match its schema", problems
            )
    return value


def _texts(result: mcp_types.CallToolResult) -> str:
    texts = [one.text for one in result.content if isinstance(one, mcp_types.TextContent)]
    text = "\n".join(texts)
    return cleaned(text, _LONGEST_MESSAGE) if result.is_error else text
