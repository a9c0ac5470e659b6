"""The modules that a guest can import: ``mcp_tools``, and ``llm`` where sampling is on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CALLS", "FETCH", "PACKAGE", "guest_modules"]

FETCH = "_mcp_module"
"""The host function that gives the source of a server's module."""

PACKAGE = '''\
"""Other servers' tools: ``from mcp_tools import filesystem``, one module for each server.

A server's module is written when it is first imported. ``dir(mcp_tools)`` lists the servers.
"""

import importlib
import importlib.machinery
import linecache
import sys

import host


class _Modules:
    """Finds the modules of servers by asking the host (PEP 451)."""

    def find_spec(self, name, path=None, target=None):
        package, _, server = name.rpartition(".")
        if package != "mcp_tools" or server.startswith("_"):
            return None
        answer = host._mcp_module(server)
        if answer["source"] is None:
            _refuse(server, answer["servers"])
        spec = importlib.machinery.ModuleSpec(name, self, origin=f"<module {name}>")
        spec.loader_state = answer["source"]
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        source, filename = module.__spec__.loader_state, module.__spec__.origin
        linecache.cache[filename] = len(source), None, source.splitlines(True), filename
        exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)


def _refuse(server, servers):
    there = ", ".join(servers) or "none"
    raise ModuleNotFoundError(
        f"mcp_tools has no server {server!r} that this run may use; there is: {there}",
        name=f"mcp_tools.{server}",
    )


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(f"module 'mcp_tools' has no attribute {name!r}")
    return importlib.import_module(f"mcp_tools.{name}")


def __dir__():
    return sorted({*host._mcp_module("")["servers"], *globals()})


sys.meta_path.insert(0, _Modules())
'''

CALLS = '''\
"""What the wrappers of tools call. Outside of a guest there is nothing to call."""

from __future__ import annotations

import sys
from typing import Any

_LEFT_OUT: Any = ...


async def _call(name: str, arguments: dict[str, Any]) -> Any:
    host = sys.modules.get("host")
    if host is None:
        raise RuntimeError("mcp_tools is for programs that Ringfence runs with tools")
    return await host.call_mcp_tool(name, arguments)
'''

_LLM = '''\
"""A language model to ask, within the bounds of the run: ``await llm.ask("…")``."""

import builtins
import sys

import host


async def ask(prompt, system=None, *, max_tokens=1000, temperature=None):
    """The model's answer to one prompt, as text."""
    messages = [{"role": "user", "content": prompt}]
    return await host._llm_ask(messages, system, max_tokens, temperature)


async def think(messages, system=None, *, max_tokens=1000, temperature=None):
    """The model's answer to a conversation: [{"role": "user", "content": "…"}, …], as text.

    One text is a conversation of one prompt.
    """
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    return await host._llm_ask(list(messages), system, max_tokens, temperature)


builtins.llm = sys.modules[__name__]
'''

_WITHOUT_MODEL = MappingProxyType({"mcp_tools": PACKAGE, "mcp_tools._calls": CALLS})
_WITH_MODEL = MappingProxyType({**_WITHOUT_MODEL, "llm": _LLM})


def guest_modules(*, sampling: bool = False) -> Mapping[str, str]:
    """Name -> source, for ``AsyncSandbox(modules=…)``: the same of every run.

    ``mcp_tools`` is small and asks the host for the wrappers of a server when that server's module
    is imported, so tools that are not used cost nothing, and no server is started before.

    Args:
        sampling: whether the run has a model to ask.
    """
    return _WITH_MODEL if sampling else _WITHOUT_MODEL
