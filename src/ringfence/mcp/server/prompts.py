"""A prompt that tells a model how to write code for the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import mcp_types as types
from mcp.shared.exceptions import MCPError

if TYPE_CHECKING:
    from ringfence.mcp.server.settings import McpSettings

__all__ = ["PROMPTS", "prompt_of"]

_NAME = "write_python"
_LONGEST_TASK = 20_000

PROMPTS = (
    types.Prompt(
        name=_NAME,
        title="Write Python for the sandbox",
        description="How to solve a task with run_python.",
        arguments=[types.PromptArgument(name="task", description="What to do.", required=False)],
    ),
)
"""The prompts there are."""

_HOW = """\
Solve the task with the tool run_python. Write one whole program for each step that has to be seen \
before the next; everything else belongs in the same program.

- Each call gets a new sandbox. Name a session_id to keep variables and files for later calls; \
close_session ends it.
- There is no network, no package installer and nothing of the user's machine. The working folder \
is empty, private and writable.
- Print what you need to see, and no more: long output is cut. The value of the last expression is \
returned as well.
- display(figure) and display(table) show pictures and tables. progress(0.5, "half") tells the \
user how far you are.
- `await` works at top level. A program is ended after {timeout:g} seconds unless timeout_seconds \
says otherwise (at most {most:g}).
- After an error read the traceback, mend the program and run it again."""

_TOOLS = """
- Tools of other MCP servers are async functions: `await call_mcp_tool("mcp__server__tool", \
{{"argument": 1}})`. Find them with `await search_tools("what it should do")`, read one's schema \
with `await get_tool_schema(name)`; `from mcp_tools import server` has a typed function for each. \
Loop, filter and combine in the program; `asyncio.gather` runs calls at once. A wrong argument \
raises an error that says which field was wrong."""

_PACKAGES = """
- Packages to ask for with packages=[…]: {names}."""


def prompt_of(
    name: str, arguments: Mapping[str, str] | None, settings: McpSettings, *, lending: bool
) -> types.GetPromptResult:
    """A prompt.

    Args:
        name: which.
        arguments: what it is filled with.
        settings: what the operator decided.
        lending: whether other servers' tools are lent to guests.

    Raises:
        MCPError: there is none of this name, or an argument is wrong.
    """
    if name != _NAME:
        raise MCPError(code=types.INVALID_PARAMS, message="there is no such prompt")
    task = (arguments or {}).get("task", "")
    if set(arguments or {}) - {"task"} or len(task) > _LONGEST_TASK:
        raise MCPError(
            code=types.INVALID_PARAMS,
            message=f"task: expected at most {_LONGEST_TASK:,} characters, and nothing else",
        )
    text = _HOW.format(timeout=settings.timeout, most=settings.most_timeout)
    if lending:
        text += _TOOLS.format()
    if settings.packages:
        text += _PACKAGES.format(names=", ".join(settings.packages))
    if task:
        text += f"\n\nThe task:\n{task}"
    return types.GetPromptResult(
        description=PROMPTS[0].description,
        messages=[types.PromptMessage(role="user", content=types.TextContent(text=text))],
    )
