"""The checks of all tools: each schema made into one once, and kept while it is used."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Literal

from ringfence.errors import FieldProblem, ToolRefused
from ringfence.mcp.broker.catalog import ToolInfo
from ringfence.mcp.broker.schemas import Checker, SchemaRefused, TooMuchWork

__all__ = ["Checking"]

_MOST = 2_000
_MANY_VALUES = 2_000
"""From so many values on, a check is made beside the event loop."""


class Checking:
    """Checks of the tools of one broker; the least used are forgotten."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[int, str], tuple[ToolInfo, Checker]] = OrderedDict()

    async def arguments(self, tool: ToolInfo, value: Any, values: int) -> tuple[FieldProblem, ...]:
        """What in the arguments does not match the tool's schema.

        Raises:
            ToolRefused: the schema is none, or makes too much work.
        """
        return await self._problems(tool, "arguments", value, values)

    async def result(self, tool: ToolInfo, value: Any, values: int) -> tuple[FieldProblem, ...]:
        """The same of its structured result; it has a schema for that."""
        return await self._problems(tool, "result", value, values)

    async def _problems(
        self, tool: ToolInfo, what: Literal["arguments", "result"], value: Any, values: int
    ) -> tuple[FieldProblem, ...]:
        try:
            checker = self._checker(tool, what)
            if values < _MANY_VALUES:
                return checker.problems(value, values)
            return await asyncio.to_thread(checker.problems, value, values)
        except SchemaRefused as error:
            raise ToolRefused(
                "server", f"the schema of {tool.name} cannot be used: {error}"
            ) from None
        except TooMuchWork:
            raise ToolRefused(
                what, f"the schema of {tool.name} makes too much work of these {what} to check them"
            ) from None

    def _checker(self, tool: ToolInfo, what: Literal["arguments", "result"]) -> Checker:
        key = (id(tool), what)
        made = self._made.get(key)
        if made is not None:
            self._made.move_to_end(key)
            return made[1]
        schema = tool.input_schema if what == "arguments" else tool.output_schema
        checker = Checker(schema or {}, what)
        self._made[key] = (tool, checker)  # the tool is kept: no other can get its id
        if len(self._made) > _MOST:
            self._made.popitem(last=False)
        return checker
