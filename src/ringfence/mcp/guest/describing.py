"""Tools as programs see them in listings; what was worked out of a tool is kept with it."""

from __future__ import annotations

import difflib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from ringfence.errors import GuestVisibleError
from ringfence.mcp.guest.literals import shown
from ringfence.mcp.guest.rendering import by_module, function_names, one_line, render
from ringfence.mcp.guest.seen import SeenTool

__all__ = ["find", "listed", "module_source", "modules", "schema_of"]

T = TypeVar("T")

_LONGEST_DESCRIPTION = 300
_MOST_KEPT = 64


class _Kept(Generic[T]):
    """What a function has made of the same tools, for the last few that it was given.

    Tools are not hashable and do not change, so they are known by identity; each is held as long
    as what was made of it.
    """

    def __init__(self, make: Callable[[Sequence[SeenTool]], T]) -> None:
        self._make = make
        self._made: OrderedDict[tuple[int, ...], tuple[Sequence[SeenTool], T]] = OrderedDict()

    def of(self, tools: Sequence[SeenTool]) -> T:
        key = tuple(map(id, tools))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = (tuple(tools), self._make(tools))
            if len(self._made) > _MOST_KEPT:
                self._made.popitem(last=False)
        else:
            self._made.move_to_end(key)
        return found[1]


def _list(tools: Sequence[SeenTool]) -> dict[str, dict[str, str]]:
    entries = {}
    for module, group in by_module(tools).items():
        for tool, name in zip(group, function_names(group), strict=True):
            entries[tool.name] = {
                "name": tool.name,
                "description": shown(tool.description or tool.title, _LONGEST_DESCRIPTION),
                "wrapper": f"{module}.{one_line(tool, name)}",
            }
    return entries


_LISTS = _Kept(_list)
_SOURCES = _Kept(lambda tools: render(tools[0].server, tools).source)
_MODULES = _Kept(by_module)


def listed(tools: Sequence[SeenTool], chosen: Sequence[SeenTool]) -> list[dict[str, str]]:
    """``{name, description, wrapper}`` of the chosen ones of a run's tools."""
    entries = _LISTS.of(tools)
    return [dict(entries[tool.name]) for tool in chosen]


def find(tools: Sequence[SeenTool], name: str) -> SeenTool:
    """The tool of that name.

    Raises:
        GuestVisibleError: there is none that the run may use; the message has similar names.
    """
    for tool in tools:
        if tool.name == name:
            return tool
    near = difflib.get_close_matches(name[:200], [tool.name for tool in tools], 3, 0.5)
    hint = f"similar: {', '.join(near)}" if near else "discover_mcp_tools() lists those there are"
    raise GuestVisibleError(f"there is no tool {name[:200]!r} that this run may use; {hint}")


def schema_of(tools: Sequence[SeenTool], name: str) -> dict[str, Any]:
    """All that is known of a tool.

    Raises:
        GuestVisibleError: there is none that the run may use.
    """
    tool = find(tools, name)
    (entry,) = listed(tools, [tool])
    return {
        **entry,
        "title": tool.title,
        "description": tool.description,
        "parameters": tool.input_schema,
        "returns": tool.output_schema,
        "read_only": tool.read_only,
        "destructive": tool.destructive,
    }


def modules(tools: Sequence[SeenTool]) -> list[str]:
    """The names of the modules in ``mcp_tools``."""
    return list(_MODULES.of(tools))


def module_source(tools: Sequence[SeenTool], module: str) -> str | None:
    """The source of one of them; None if there is none of that name."""
    group = _MODULES.of(tools).get(module)
    return None if group is None else _SOURCES.of(group)
