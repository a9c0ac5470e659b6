"""``ringfence mcp wrappers``, over a server that is really started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

MODERN = Path(__file__).parents[1] / "broker" / "servers" / "modern.py"


def wrappers(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    configuration = folder / "user.json"
    server = {"command": sys.executable, "args": [str(MODERN)]}
    broken = {"command": "/nonexistent/server"}
    configuration.write_text(json.dumps({"mcpServers": {"calc": server, "gone": broken}}))
    command = [sys.executable, "-m", "ringfence", "mcp", "wrappers", "-o", "out"]
    return subprocess.run(
        [*command, "--user-config", str(configuration), *options],
        cwd=folder,
        env={
            **os.environ,
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "c"),
            "NO_COLOR": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_list_allows_is_written(tmp_path: Path) -> None:
    done = wrappers(tmp_path, "--allow", "calc.add_one")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 tools of 1 servers: 6 files in out\n"
    stub = (tmp_path / "out" / "mcp_tools" / "calc.pyi").read_text()
    assert "async def add_one(*, n: int | None = None) -> Any:" in stub
    assert "headers" not in stub


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    done = wrappers(tmp_path, "--allow", "*.*")
    assert done.returncode == 1
    assert done.stdout == "4 tools of 1 servers: 6 files in out\n"
    assert done.stderr.startswith("gone: ")


def test_nothing_is_allowed_by_default(tmp_path: Path) -> None:
    done = wrappers(tmp_path)
    assert (done.returncode, done.stdout) == (0, "0 tools of 0 servers: 4 files in out\n")
    assert done.stderr == "No tool is allowed; --allow PATTERN puts some on the list.\n"
