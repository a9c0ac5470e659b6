"""The MCP server: what it adds to the SDK's own, asked over standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from bench.mcp_peer import SLOW
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, timing
from ringfence.cli.bench.timing import Series

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "The MCP server"
NOTE = (
    "`ringfence mcp` with its default settings, an audit log in SQLite and 10 servers of 20 tools "
    "each behind it, asked by the SDK's own client over standard input and output. A `run_python` "
    "is a fresh sandbox with its record committed before it is answered. The peer is a server of "
    "the SDK's with an empty tool, asked in turn with it. Calls of tools are timed in the guest; "
    f"“the tool itself” is the same tool asked by the SDK's client. The {SLOW * 1e3:.0f} ms of "
    "each of the 50 calls by `gather` pass at the same time."
)
_SERVERS, _TOOLS, _GATHERED = 10, 20, 50
_TIMES = """
import asyncio, time
times = []
for _ in range({count}):
    began = time.perf_counter()
    {statement}
    times.append(time.perf_counter() - began)
times
"""


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, 3)
    return asyncio.run(_measure(plan, progress))


async def _measure(plan: Plan, progress: Progress) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        async with _ringfence(Path(folder)) as ours, _peer() as peer:
            runs, empty = await _in_turn(ours, peer, plan.mcp_calls)
            progress.advance()
            found = await _timed(ours, "await discover_mcp_tools()", plan.mcp_calls)
            call = 'await call_mcp_tool("mcp__server-0__tool_1", {"limit": 1})'
            calls = await _timed(ours, call, plan.mcp_calls)
            direct = await _direct(peer, plan.mcp_calls)
            progress.advance()
            slow = 'call_mcp_tool("mcp__server-0__slow", {})'
            gathered = await _timed(
                ours,
                f"await asyncio.gather(*[{slow} for _ in range({_GATHERED})])",
                max(2, plan.mcp_calls // 20),
            )
            progress.advance()
    ran, alone = Series(runs), Series(empty)
    called, itself = Series(calls), Series(direct)
    return [
        timing(
            GROUP, "`run_python` of `1+1`, fresh", ran, "ms",
            against=alone, to="the SDK's empty tool",
        ),
        Row(
            group=GROUP, name="of it, beyond the SDK's empty tool", unit="ms",
            median=(ran.median - alone.median) * 1e3, count=ran.count, target=Target(8),
        ),
        timing(GROUP, "the SDK's empty tool", alone, "ms", subject=False),
        timing(
            GROUP, f"discovery, {_SERVERS} servers, {_SERVERS * _TOOLS} tools, warm",
            Series(found), "ms", target=Target(20),
        ),
        timing(
            GROUP, "a tool called from the guest", called, "ms",
            against=itself, to="the tool itself",
        ),
        Row(
            group=GROUP, name="of it, beyond the tool itself", unit="ms",
            median=(called.median - itself.median) * 1e3, count=called.count, target=Target(3),
        ),
        timing(GROUP, "the tool itself", itself, "ms", subject=False),
        timing(
            GROUP, f"{_GATHERED} calls of {SLOW * 1e3:.0f} ms each by `gather`",
            Series(gathered), "ms",
        ),
    ]  # fmt: skip


async def _in_turn(ours: Client, peer: Client, count: int) -> tuple[list[float], list[float]]:
    """(`run_python` of 1+1, the peer's empty tool), each as often."""
    runs: list[float] = []
    empty: list[float] = []
    for round_ in range(-3, count):
        began = time.perf_counter()
        result = await ours.call_tool("run_python", {"code": "1+1"})
        between = time.perf_counter()
        await peer.call_tool("tool_1", {"limit": 1})
        ended = time.perf_counter()
        assert result.structured_content is not None
        assert result.structured_content["value"] == 2
        if round_ >= 0:
            runs.append(between - began)
            empty.append(ended - between)
    return runs, empty


async def _direct(peer: Client, count: int) -> list[float]:
    """How long the tool takes that guests call, asked by the SDK's client, one after another."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        await peer.call_tool("tool_1", {"limit": 1})
        times.append(time.perf_counter() - began)
    return times


async def _timed(ours: Client, statement: str, count: int) -> list[float]:
    """How long a statement takes in a guest; it was done twice before."""
    found: list[float] = []
    for times in (2, count):
        code = _TIMES.format(count=times, statement=statement)
        result = await ours.call_tool("run_python", {"code": code, "timeout_seconds": 120})
        content: Any = result.structured_content
        if result.is_error or content is None or content["status"] != "ok":
            raise RuntimeError(f"the MCP server did not measure: {result.content}")
        found = content["value"]
    return found


@contextlib.asynccontextmanager
async def _ringfence(folder: Path) -> AsyncIterator[Client]:
    servers = {
        f"server-{number}": {
            "command": sys.executable,
            "args": ["-m", "bench.mcp_peer", str(_TOOLS)],
            "cwd": str(Path.cwd()),
        }
        for number in range(_SERVERS)
    }
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}))
    file.chmod(0o600)
    arguments = [
        *("-m", "ringfence", "mcp", "--user-config", str(file), "--allow", "*"),
        *("--store", f"sqlite:///{folder / 'audit.db'}"),
    ]
    environment = {
        "XDG_CONFIG_HOME": str(folder),
        **{name: value for name, value in os.environ.items() if name == "XDG_CACHE_HOME"},
    }
    async with _client(arguments, environment) as client:
        yield client


@contextlib.asynccontextmanager
async def _peer() -> AsyncIterator[Client]:
    async with _client(["-m", "bench.mcp_peer", str(_TOOLS)], {}) as client:
        yield client


@contextlib.asynccontextmanager
async def _client(arguments: list[str], environment: dict[str, str]) -> AsyncIterator[Client]:
    parameters = StdioServerParameters(
        command=sys.executable, args=arguments, env=environment, cwd=Path.cwd()
    )
    with Path(os.devnull).open("w") as quiet:  # noqa: ASYNC230 - the null device does not block
        async with Client(stdio_client(parameters, quiet)) as client:
            yield client
