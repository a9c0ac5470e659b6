"""What the MCP server is for: many steps over several real servers, in one call."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.real.serving import environment, run, serving, started
from tests.support import mcp_servers

TASK = """
import asyncio
from mcp_tools import filesystem, git

async def main():
    log, listing = await asyncio.gather(
        git.git_log(repo_path={repository!r}, max_count=10),
        filesystem.list_directory(path={repository!r}),
    )
    names = [name for name in ("a.txt", "b.txt", "c.txt") if name in str(listing)]
    texts = await asyncio.gather(
        *[filesystem.read_text_file(path={repository!r} + "/" + name) for name in names]
    )
    words = {{}}
    for text in texts:
        for word in str(text["content"] if isinstance(text, dict) else text).split():
            words[word] = words.get(word, 0) + 1
    report = "\\n".join(f"{{word}}: {{count}}" for word, count in sorted(words.items()))
    await filesystem.write_file(path={repository!r} + "/report.txt", content=report)
    await git.git_add(repo_path={repository!r}, files=["report.txt"])
    status = await git.git_status(repo_path={repository!r})
    return {{"commits": str(log).count("Add "), "report": report, "staged": "report.txt" in str(status)}}

asyncio.run(main())
"""


PROGRAM = """\
import asyncio

async def main():
    tools = await discover_mcp_tools()
    print(len(tools))
    print(await call_mcp_tool('mcp__filesystem__read_file', {{'path': {file!r}}}))

asyncio.run(main())
"""


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize(
    ("client", "era"), [("claude-code", "auto"), ("cursor", "legacy"), ("codex", "auto")]
)
def test_the_files_that_setup_wrote_start_a_task_over_two_servers(
    tmp_path: Path, repository: Path, client: str, era: str
) -> None:
    home = tmp_path / "home"
    file = {
        "claude-code": home / ".claude.json",
        "cursor": home / ".cursor/mcp.json",
        "codex": home / ".codex/config.toml",
    }[client]
    file.parent.mkdir(parents=True)
    file.write_text(
        _written(client, mcp_servers.filesystem(repository), mcp_servers.git(repository))
    )
    subprocess.run(
        [
            *(sys.executable, "-m", "ringfence", "mcp", "setup", "--client", client, "--yes"),
            *("--move", "--allow", "filesystem.*", "--allow", "git.*"),
        ],
        env=environment(home),
        check=True,
        capture_output=True,
    )
    entry = _entry(client, file)
    assert Path(entry["command"]).is_absolute()
    asked: list[str] = []

    async def use() -> Any:
        async with started(entry["command"], entry["args"], home, mode=era, asked=asked) as session:
            return await run(session, TASK.format(repository=str(repository)))

    content = asyncio.run(use())
    report = "alpha: 1\nbeta: 2\ngamma: 1"
    assert content["value"] == {"commits": 3, "report": report, "staged": True}
    assert (repository / "report.txt").read_text() == report
    assert len(asked) == 1  # of what may destroy something
    assert "mcp__filesystem__write_file" in asked[0]
    audit = subprocess.run(
        [sys.executable, "-m", "ringfence", "audit", "verify"],
        env=environment(home),
        check=True,
        capture_output=True,
        text=True,
    )
    assert audit.returncode == 0


def _written(client: str, filesystem: Any, git: Any) -> str:
    if client != "codex":
        return json.dumps({"theme": "dark", "mcpServers": {"filesystem": filesystem, "git": git}})
    return 'model = "m"\n' + "".join(
        f"\n[mcp_servers.{name}]\ncommand = {json.dumps(entry['command'])}\n"
        f"args = {json.dumps(entry['args'])}\n"
        for name, entry in (("filesystem", filesystem), ("git", git))
    )


def _entry(client: str, file: Path) -> Any:
    if client == "codex":
        return tomllib.loads(file.read_text())["mcp_servers"]["ringfence"]
    return json.loads(file.read_text())["mcpServers"]["ringfence"]


@pytest.mark.usefixtures("standing")
def test_this_program_runs_as_it_stands(
    tmp_path: Path, repository: Path, configuration: Path
) -> None:
    program = PROGRAM.format(file=str(repository / "a.txt"))

    async def use() -> Any:
        options = ("--user-config", str(configuration), "--allow", "filesystem.*")
        async with serving(tmp_path, *options) as client:
            return await run(client, program)

    content = asyncio.run(use())
    count, rest = content["stdout"].split("\n", 1)
    assert count == "14"
    assert "alpha" in rest
