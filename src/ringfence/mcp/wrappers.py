"""Writes the wrappers of tools as files, with stubs, for editors and type checkers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ringfence.errors import ConfigurationError
from ringfence.mcp.guest.modules import CALLS
from ringfence.mcp.guest.rendering import by_module, render
from ringfence.mcp.guest.seen import SeenTool

__all__ = ["MARK", "write_wrappers"]

MARK = "# Written by `ringfence mcp wrappers`; the next time it is run, this file is replaced.\n"
"""What the first line of each file says; a file without it is somebody else's."""

_PACKAGE = (
    '"""Other servers\' tools, for programs that Ringfence runs: one module for each server."""\n'
)

_NAMES = '''\
from typing import Any

async def call_mcp_tool(name: str, args: dict[str, Any] | None = None) -> Any:
    """Call a tool by its name, mcp__server__tool."""

async def discover_mcp_tools(query: str | None = None) -> list[dict[str, Any]]:
    """The tools there are, or those that a query asks for."""

async def get_tool_schema(name: str) -> dict[str, Any]:
    """A tool's schemas, and all that is known of it."""

async def search_tools(text: str, limit: int = 10) -> list[dict[str, Any]]:
    """The tools that a text asks for, the best first."""
'''


def write_wrappers(tools: Sequence[SeenTool], folder: Path) -> list[Path]:
    """Write the package ``mcp_tools`` into a folder: a ``.py`` and a ``.pyi`` for each server, and
    ``__builtins__.pyi``, by which editors know the functions that a guest has besides.

    Files that an earlier call has written and that are no longer needed are removed; others are
    left alone, and one in the way is an error.

    Args:
        tools: of any number of servers.
        folder: made if it is not there; put it on the editor's path.

    Returns:
        What was written.

    Raises:
        ConfigurationError: the folder cannot be written, or a file in the way is somebody else's.
    """
    files = {
        "__builtins__.pyi": _NAMES,
        "mcp_tools/__init__.py": _PACKAGE,
        "mcp_tools/_calls.py": CALLS,
        "mcp_tools/py.typed": "",
    }
    for module, group in by_module(tools).items():
        rendered = render(group[0].server, group)
        files[f"mcp_tools/{module}.py"] = rendered.source
        files[f"mcp_tools/{module}.pyi"] = rendered.stub
    package = folder / "mcp_tools"
    try:
        package.mkdir(parents=True, exist_ok=True)
        if package.is_symlink():
            raise ConfigurationError(f"{package} is a link, and is not followed")
        before = [folder / "__builtins__.pyi", *package.iterdir()]
        ours = {path for path in before if _is_ours(path)}
        written = [folder / name for name in files]
        for path in written:
            if path not in ours and os.path.lexists(path):
                raise ConfigurationError(f"{path} was not written by this; move it away")
        for name, content in files.items():
            _write(folder / name, MARK + content)
        for path in ours.difference(written):
            path.unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(f"wrappers cannot be written to {folder}: {reason}") from error
    return written


def _is_ours(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()


def _write(path: Path, content: str) -> None:
    """All of it or nothing, and never through a link."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
