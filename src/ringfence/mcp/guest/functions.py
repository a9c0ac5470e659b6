"""The host functions that a guest reaches tools and models by.

They are lent under the very names that guests call, so a run needs no prelude for them, and
``asyncio.gather`` runs any number of calls at once. Nothing that matters is decided in the guest:
each call is checked by the run's tools on the host.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ringfence.errors import GuestVisibleError
from ringfence.mcp.guest.describing import listed, module_source, modules, schema_of
from ringfence.mcp.guest.modules import FETCH
from ringfence.mcp.search import rank
from ringfence.runtime.functions import HostFunction, host_function

if TYPE_CHECKING:
    from ringfence.mcp.guest.seen import SeenTools
    from ringfence.mcp.sampling import Sampler

__all__ = ["Lending", "host_functions"]

_MOST_FOUND = 100
_MODULE_SECONDS = 60.0
_MOST_AT_ONCE = 32


class Lending:
    """What one sandbox is lent, run after run.

    A sandbox's functions are declared once, when it is made. Which tools a run may use is told here
    as it begins, and forgotten when it ends: a call that comes between two runs is refused.

    Args:
        sampling: whether runs may have a model to ask.

    Attributes:
        functions: for ``AsyncSandbox(functions=…)``.
    """

    def __init__(self, *, sampling: bool = False) -> None:
        self._tools: SeenTools | None = None
        self._sampler: Sampler | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wanted: set[Future[dict[str, Any]]] = set()
        self._lock = threading.Lock()
        self.functions: list[HostFunction] = [
            replace(one, function=one.function.__get__(self)) for one in _declared(sampling)
        ]

    def begin(self, tools: SeenTools, sampler: Sampler | None = None) -> None:
        """A run begins, with these tools and this model; call it on the sandbox's event loop."""
        self._tools, self._sampler = tools, sampler
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """The run has ended."""
        self._tools = self._sampler = None
        with self._lock:
            for one in self._wanted:
                one.cancel()  # the thread that waits for it ends

    def _seen(self) -> SeenTools:
        if self._tools is None:
            raise GuestVisibleError("no run is under way, so there are no tools")
        return self._tools

    async def _call(self, name: str, args: dict[str, Any] | None = None) -> Any:
        """Call a tool by its name, ``mcp__server__tool``. Any number of calls may run at once."""
        return await self._seen().call(name, {} if args is None else args)

    async def _discover(self, query: str | None = None) -> list[Any]:
        """The tools there are, as ``{"name", "description", "wrapper"}``; with a query, those that
        it asks for, the best first.
        """
        tools = await self._seen().tools()
        if query is None:
            return listed(tools, tools)
        return listed(tools, [found.tool for found in rank(tools, query, len(tools))])

    async def _schema(self, name: str) -> dict[str, Any]:
        """A tool's ``parameters`` and ``returns`` as JSON Schemas, and all that is known of it."""
        return schema_of(await self._seen().tools(), name)

    async def _search(self, text: str, limit: int = 10) -> list[Any]:
        """The tools that a text asks for, the best first, each with its ``score``."""
        tools = await self._seen().tools()
        found = rank(tools, text, min(limit, _MOST_FOUND))
        entries = listed(tools, [one.tool for one in found])
        return [{**entry, "score": one.score} for entry, one in zip(entries, found, strict=True)]

    def _module(self, name: str) -> dict[str, Any]:
        """A module of ``mcp_tools``: its source, or None, and which there are."""
        assert self._loop is not None
        with self._lock:
            # Each has a thread of the host's, and a guest that forges calls can make many.
            if len(self._wanted) >= _MOST_AT_ONCE:
                raise GuestVisibleError("too many modules are imported at once")
            wanted = asyncio.run_coroutine_threadsafe(self._source(name), self._loop)
            self._wanted.add(wanted)
        try:
            return wanted.result(_MODULE_SECONDS)
        except TimeoutError:
            wanted.cancel()
            raise GuestVisibleError("the servers did not answer in time") from None
        except CancelledError:
            raise GuestVisibleError("the run has ended") from None
        finally:
            with self._lock:
                self._wanted.discard(wanted)

    async def _source(self, name: str) -> dict[str, Any]:
        tools = await self._seen().tools()
        return {"source": module_source(tools, name), "servers": modules(tools)}

    async def _ask(
        self,
        messages: list[Any],
        system: str | None,
        max_tokens: int,
        temperature: float | None,
    ) -> str:
        """Ask the run's model."""
        from ringfence.mcp.sampling import read_question

        if self._sampler is None:
            raise GuestVisibleError("no language model may be asked here: sampling is off")
        question = read_question(messages, system, max_tokens, temperature)
        return (await self._sampler.ask(question)).text


@cache
def _declared(sampling: bool) -> tuple[HostFunction, ...]:
    """The declarations, bound to nothing: reading annotations takes longer than a run may."""
    template = Lending.__new__(Lending)
    named: list[tuple[str, Any]] = [
        ("call_mcp_tool", template._call),
        ("discover_mcp_tools", template._discover),
        ("get_tool_schema", template._schema),
        ("search_tools", template._search),
    ]
    if sampling:
        named.append(("_llm_ask", template._ask))
    declared = [host_function(method, name=name) for name, method in named]
    declared.append(host_function(template._module, name=FETCH, threaded=True))
    return tuple(replace(one, function=one.function.__func__) for one in declared)


def host_functions(tools: SeenTools, sampler: Sampler | None = None) -> list[HostFunction]:
    """The functions of a guest that makes one run: ``call_mcp_tool(name, args=None)``,
    ``discover_mcp_tools(query=None)``, ``get_tool_schema(name)``, ``search_tools(text, limit=10)``,
    all async; and what :func:`~ringfence.mcp.guest.modules.guest_modules` call.

    Args:
        tools: the run's.
        sampler: answers ``llm.ask`` and ``llm.think``; None where sampling is off.
    """
    lending = Lending(sampling=sampler is not None)
    lending.begin(tools, sampler)
    return lending.functions
