"""Other people's MCP servers, as they are installed for the tests; or why they are not."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _script() -> ModuleType:
    path = ROOT / "scripts" / "mcp_servers.py"
    spec = importlib.util.spec_from_file_location("mcp_servers_script", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def npm_folder() -> Path:
    """Where npm's servers are; skips the test where they cannot be had."""
    script = _script()
    reason = script.why_not()
    folder: Path = script.folder()
    if reason is None and not folder.is_dir():
        reason = "they are not installed: make mcp-servers"
    if reason is not None:
        if os.environ.get("RINGFENCE_REQUIRE_MCP_SERVERS"):
            pytest.fail(f"MCP servers of npm's: {reason}")
        pytest.skip(f"MCP servers of npm's: {reason}")
    return folder / "node_modules" / "@modelcontextprotocol"


def node() -> str:
    """The node that runs them, by whole path."""
    found = shutil.which("node")
    assert found is not None
    return found


def filesystem(folder: Path) -> dict[str, Any]:
    """An entry of ``.mcp.json``: the filesystem server, which lets its clients at one folder."""
    program = npm_folder() / "server-filesystem" / "dist" / "index.js"
    return {"command": node(), "args": [str(program), str(folder)]}


def everything() -> dict[str, Any]:
    """The same of the server that has one of everything."""
    program = npm_folder() / "server-everything" / "dist" / "index.js"
    return {"command": node(), "args": [str(program), "stdio"]}


def memory(file: Path) -> dict[str, Any]:
    """The same of the server that remembers, in a file."""
    program = npm_folder() / "server-memory" / "dist" / "index.js"
    return {
        "command": node(),
        "args": [str(program)],
        "env": {"MEMORY_FILE_PATH": str(file)},
    }


def git(repository: Path) -> dict[str, Any]:
    """The same of the server of one git repository: PyPI's, of the development lock."""
    return {
        "command": sys.executable,
        "args": ["-m", "mcp_server_git", "--repository", str(repository)],
    }
