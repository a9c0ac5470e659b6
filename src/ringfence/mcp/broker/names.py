"""Names of servers and tools: which are taken, what they are called in the guest.

A tool is ``mcp__server__tool``. A server's name has no ``__`` in it and none at its ends, so that
such a name can be read in one way only.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

__all__ = [
    "SERVER_NAME_RULE",
    "full_name",
    "is_server_name",
    "is_tool_name",
    "python_name",
    "python_names",
    "split_name",
]

SERVER_NAME_RULE = "1 to 64 letters, digits, '-' and single '_' between them"
_PREFIX = "mcp__"
_SERVER = re.compile(r"[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*")
_TOOL = re.compile(r"[A-Za-z0-9_./-]{1,128}")
_NOT_IN_PYTHON = re.compile(r"[^A-Za-z0-9_]")


def is_server_name(name: str) -> bool:
    """Whether a server can be called this: see :data:`SERVER_NAME_RULE`."""
    return len(name) <= 64 and _SERVER.fullmatch(name) is not None


def is_tool_name(name: str) -> bool:
    """Whether a tool can be called this: 1 to 128 of letters, digits, and ``_ . / -``."""
    return _TOOL.fullmatch(name) is not None


def full_name(server: str, tool: str) -> str:
    """``mcp__server__tool``; both must have been checked."""
    return f"{_PREFIX}{server}__{tool}"


def split_name(name: str) -> tuple[str, str] | None:
    """The server and the tool of ``mcp__server__tool``; None if it is no such name."""
    server, between, tool = name.removeprefix(_PREFIX).partition("__")
    if not name.startswith(_PREFIX) or not between:
        return None
    return (server, tool) if is_server_name(server) and is_tool_name(tool) else None


def python_name(name: str) -> str:
    """An identifier for a name of a tool or a server: ``class_`` for class, ``x_y`` for x-y.

    It never starts with two underscores: a module's own names do.
    """
    written = _NOT_IN_PYTHON.sub("_", name)
    if written.startswith("__"):
        written = written.lstrip("_") or "tool"
    if written[:1].isdigit() or not written:
        written = f"_{written}"
    return f"{written}_" if keyword.iskeyword(written) else written


def python_names(names: Iterable[str]) -> dict[str, str]:
    """An identifier for each, all of them different.

    A name that is an identifier keeps it; of others that would be the same, the second by the
    alphabet ends in ``_2``, and so on. The order in which they come makes no difference.
    """
    given = sorted(set(names), key=lambda name: (python_name(name) != name, name))
    taken: dict[str, str] = {}
    for name in given:
        wanted = found = python_name(name)
        number = 1
        while found in taken:
            number += 1
            found = f"{wanted.rstrip('_') or 'tool'}_{number}"
        taken[found] = name
    return {name: found for found, name in taken.items()}
