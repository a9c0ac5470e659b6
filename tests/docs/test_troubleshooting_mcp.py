"""The section about MCP in docs/troubleshooting.md: every line, provoked."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests.docs.documents import ROOT
from tests.mcp.server.serving import (
    environment,
    http_server,
    over_stdio,
    run,
    text,
    with_wild,
)
from tests.mcp.server.test_endings import STUBBORN, cancelled
from tests.mcp.server.test_hostile_http import denied
from tests.mcp.server.test_http import HEADERS, INITIALIZE

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
SECTION = PAGE.partition("\n## MCP\n")[2].partition("\n## ")[0]
LINES: list[str] = re.findall(r"^\| (.+?) \| .+ \|$", SECTION, re.MULTILINE)[1:]

CALLING = "await call_mcp_tool('mcp__{}', {{'path': '/x'}})"


def started(folder: Path, *options: str, more: dict[str, str] | None = None) -> str:
    """What a server says that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "mcp", *options],
        env=environment(folder, more),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    return done.stderr


def not_found(folder: Path) -> str:
    async def main() -> None:
        entry = StdioServerParameters(command="ringfence", args=["mcp"], env={"PATH": str(folder)})
        async with Client(entry):
            raise AssertionError("it was found")

    with pytest.raises(Exception, match="No such file") as raised:
        asyncio.run(main())
    return str(raised.value)


def without_the_sdk(folder: Path) -> str:
    hiding = "import sys; sys.modules.update(mcp=None, mcp_types=None); "
    program = hiding + "from ringfence.cli import main; sys.argv = ['ringfence', 'mcp']; main()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(folder),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


def within_itself(folder: Path) -> str:
    return started(folder, more={"RINGFENCE_MCP_BROKER": "1"})


def no_setting(folder: Path) -> str:
    return started(folder, more={"RINGFENCE_MCP_NONE": "1"})


def no_database(folder: Path) -> str:
    async def main() -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ringfence", "mcp", "--store", "sqlite:////proc/no/audit.db"),
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(folder),
            cwd=folder,
        )
        assert process.stderr is not None  # its client is there, and says nothing
        said = await process.stderr.read()
        assert await process.wait() == 6
        return said.decode()

    return asyncio.run(main())


def answered(code: str, *options: str, more: dict[str, str] | None = None) -> Callable[[Path], str]:
    """What an answer of ``run_python`` says."""

    def provoke(folder: Path) -> str:
        async def main() -> str:
            async with over_stdio(folder, *options, more=more) as client:
                return text(await run(client, code))

        return asyncio.run(main())

    return provoke


def no_engine(folder: Path) -> str:
    more = {"RINGFENCE_MCP_ENGINE": "wasi", "XDG_CACHE_HOME": str(folder / "empty")}
    return answered("1", more=more)(folder)


def switched_off(content: str) -> Callable[[Path], str]:
    def provoke(folder: Path) -> str:
        (folder / ".code-executor.json").write_text(content)
        return answered("1")(folder)

    return provoke


def calling(folder: Path) -> str:
    """What programs are told of tools that cannot be called, and of a session that ended."""
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": {"new": {"command": "x"}}}))
    options = with_wild(folder, "--allow", "npx", "--allow", "new")
    servers = folder / "servers.json"
    found = json.loads(servers.read_text())
    found["mcpServers"]["npx"] = {"command": "npx-that-is-not-here", "args": ["-y", "server"]}
    servers.write_text(json.dumps(found))

    async def main() -> list[str]:
        async with over_stdio(folder, *options) as client:
            called = ("wild__none", "new__tool", "npx__tool", "wild__remove")
            said = [text(await run(client, CALLING.format(tool))) for tool in called]
            await run(client, "x = 1", session_id="s")
            await cancelled(client, STUBBORN, session_id="s")
            return [*said, text(await run(client, "2", session_id="s"))]

    return "\n".join(asyncio.run(main()))


def asking(folder: Path) -> str:
    """What is said of keys: one where there is a database, and one where there is none."""

    async def main() -> list[str]:
        said = []
        wrong = {"Authorization": f"Bearer rfk_{'0' * 16}_{'a' * 43}"}
        for options, given in ((("--store", "none"), {}), ((), wrong)):
            async with http_server(folder, *options) as server, httpx2.AsyncClient() as http:
                answer = await http.post(server.url, headers={**HEADERS, **given}, json=INITIALIZE)
                said.append(str(answer.json()["detail"]))
        return said

    return "\n".join(asyncio.run(main()))


PROVOKED: dict[str, Callable[[Path], str]] = {
    "`No such file": not_found,
    "`the MCP server needs": without_the_sdk,
    "`this is ringfence mcp": within_itself,
    "`RINGFENCE_MCP_": no_setting,
    "`the service's database": no_database,
    "`Nothing is run here: no engine": no_engine,
    "`Nothing is run here: .code-executor.json says": switched_off(
        '{"executors": {"python": {"enabled": false}}}'
    ),
    "`Nothing is run here: .code-executor.json cannot": switched_off("{"),
    "`NameError": answered("await call_mcp_tool('mcp__a__b')"),
    "`there is no tool": calling,
    "`… does not answer: the project": calling,
    "`… does not answer: its program": calling,
    "`… was not called": calling,
    "`the earlier session": calling,
    "`send the key that was printed": asking,
    "`the key does not hold": asking,
    "`not run: the quota": denied,
}


def test_each_line_is_provoked() -> None:
    assert len(LINES) == len(PROVOKED)
    for line in LINES:
        assert sum(line.startswith(one) for one in PROVOKED) == 1, line


@pytest.fixture(scope="module")
def said_by(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[Path], str]], str]:
    """What is said when something is provoked, which is done once."""
    return cache(lambda provoke: provoke(tmp_path_factory.mktemp("provoked")))


@pytest.mark.parametrize("line", LINES)
def test_the_message_is_what_the_page_says(
    line: str, said_by: Callable[[Callable[[Path], str]], str]
) -> None:
    (provoke,) = [one for start, one in PROVOKED.items() if line.startswith(start)]
    pattern = ".*".join(map(re.escape, line.strip("`").split("…")))
    said = said_by(provoke)
    assert re.search(pattern, " ".join(said.split())), said
