"""A project's own servers: nothing of them is started before a person said so."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.real.serving import environment, run, said, serving
from tests.support import mcp_servers

PROGRAM = """
from mcp_tools import memory
await memory.create_entities(
    entities=[{"name": "Ada", "entityType": "person", "observations": ["wrote the first program"]}]
)
graph = await memory.read_graph()
[one["name"] for one in graph["entities"]]
"""


def ringfence(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "ringfence", "mcp", *arguments],
        cwd=folder,
        env=environment(folder),
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.usefixtures("standing")
def test_a_projects_server_is_started_once_it_was_approved(tmp_path: Path) -> None:
    file = tmp_path / "memory.jsonl"
    project = tmp_path / ".mcp.json"
    project.write_text(json.dumps({"mcpServers": {"memory": mcp_servers.memory(file)}}))

    async def use() -> Any:
        async with serving(tmp_path, "--allow", "memory.*") as client:
            code = "await call_mcp_tool('mcp__memory__read_graph', {})"
            refused = await client.call_tool("run_python", {"code": code})
            assert refused.is_error
            assert "ringfence mcp approve memory" in said(refused)
            assert not file.exists()
            await asyncio.to_thread(ringfence, tmp_path, "approve", "memory", "--yes")
            return await run(client, PROGRAM)

    assert asyncio.run(use())["value"] == ["Ada"]
    assert "Ada" in file.read_text()
