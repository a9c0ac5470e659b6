from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.docs.conftest import standing
from tests.support import mcp_servers

__all__ = ["standing"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository of three commits, of which each changed one file."""
    folder = tmp_path / "work"
    folder.mkdir()

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "--quiet", "--initial-branch=main")
    git("config", "user.email", "ada@example.com")
    git("config", "user.name", "Ada")
    for name, text in (("a.txt", "alpha\n"), ("b.txt", "beta\nbeta\n"), ("c.txt", "gamma\n")):
        (folder / name).write_text(text)
        git("add", name)
        git("commit", "--quiet", "-m", f"Add {name}")
    return folder


@pytest.fixture
def configuration(tmp_path: Path, repository: Path) -> Path:
    """A user's file of servers: the real ones of npm and PyPI, all at one repository."""
    path = tmp_path / "mcp.json"
    servers = {
        "filesystem": mcp_servers.filesystem(repository),
        "git": mcp_servers.git(repository),
        "memory": mcp_servers.memory(tmp_path / "memory.jsonl"),
        "everything": mcp_servers.everything(),
    }
    path.write_text(json.dumps({"mcpServers": servers}))
    path.chmod(0o600)
    return path
