"""Tools as servers describe them, and runs that see them: no server behind them, all else real."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ringfence import AsyncSandbox, Limits, Result
from ringfence.errors import ToolRefused
from ringfence.mcp.broker.catalog import ToolInfo
from ringfence.mcp.guest.functions import host_functions
from ringfence.mcp.guest.modules import guest_modules
from ringfence.mcp.guest.prelude import prelude
from ringfence.mcp.sampling import Sampler

TEXT = {"type": "string"}


def tool(
    server: str = "files",
    name: str = "read",
    properties: Mapping[str, Any] | None = None,
    required: Sequence[str] = (),
    *,
    description: str = "",
    output: Mapping[str, Any] | None = None,
    **schema: Any,
) -> ToolInfo:
    given = {"type": "object", "properties": properties or {}, "required": list(required), **schema}
    return ToolInfo(
        name=f"mcp__{server}__{name}",
        server=server,
        tool=name,
        title="",
        description=description,
        input_schema=given,
        output_schema=output,
        read_only=True,
        destructive=False,
        python_name=name,
    )


Answer = Callable[[str, Mapping[str, Any]], Awaitable[Any]]


class Listed:
    """One run's tools: a list, and what answers."""

    def __init__(self, tools: Sequence[ToolInfo], answer: Answer | None = None) -> None:
        self._tools = list(tools)
        self._answer = answer
        self.called: list[tuple[str, Mapping[str, Any]]] = []
        self.listed = 0

    async def tools(self) -> Sequence[ToolInfo]:
        self.listed += 1
        return self._tools

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if name not in {one.name for one in self._tools}:
            raise ToolRefused("unknown", f"there is no tool {name!r}")
        self.called.append((name, arguments))
        return dict(arguments) if self._answer is None else await self._answer(name, arguments)


def run(
    engine: str, code: str, view: Any, sampler: Sampler | None = None, **options: Any
) -> Result:
    """One program in a fresh guest that sees these tools."""

    async def use() -> Result:
        async with AsyncSandbox(
            engine=engine,
            limits=Limits(wall=20),
            functions=host_functions(view, sampler),
            modules=guest_modules(sampling=sampler is not None),
            **options,
        ) as box:
            first = prelude(sampling=sampler is not None)
            if first is not None:
                (await box.run(first)).raise_for_status()
            return await box.run(code)

    return asyncio.run(use())
