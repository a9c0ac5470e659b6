"""``ringfence mcp`` started for real, and those who talk to it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import select
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ReadResourceResult, TextContent, TextResourceContents

from ringfence.server.store import Store
from tests.mcp.broker.serving import HERE as BROKER

WILD = BROKER / "servers" / "wild.py"


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A user of nothing but the images that are there already."""
    found = {
        "HOME": str(folder),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_STATE_HOME": str(folder / "state"),
        "PATH": os.environ["PATH"],
    }
    return {**found, **(more or {})}


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "ringfence", "mcp", "--store", store(folder), *options]


def store(folder: Path) -> str:
    return f"sqlite:///{folder / 'audit.db'}"


def with_wild(folder: Path, *options: str, env: Mapping[str, str] | None = None) -> list[str]:
    """Options for a server with another server's tools."""
    file = folder / "servers.json"
    entry = {"command": sys.executable, "args": [str(WILD)], "env": dict(env or {})}
    file.write_text(json.dumps({"mcpServers": {"wild": entry}}))
    file.chmod(0o600)
    return ["--user-config", str(file), "--allow", "wild.*", *options]


@contextlib.asynccontextmanager
async def over_stdio(
    folder: Path,
    *options: str,
    mode: str = "auto",
    more: Mapping[str, str] | None = None,
    **client: Any,
) -> AsyncIterator[Client]:
    first, *rest = command(folder, *options)
    parameters = StdioServerParameters(
        command=first, args=rest, env=environment(folder, more), cwd=folder
    )
    async with Client(parameters, mode=mode, **client) as found:
        yield found


async def run(client: Client, code: str, **more: Any) -> CallToolResult:
    return await client.call_tool("run_python", {"code": code, **more})


def text(result: CallToolResult) -> str:
    first = result.content[0]
    assert isinstance(first, TextContent)
    return first.text


def value(result: CallToolResult) -> Any:
    assert result.structured_content["status"] == "ok", result
    return result.structured_content["value"]


def held(read: ReadResourceResult) -> str | bytes:
    """What a resource that was read holds."""
    (one,) = read.contents
    if isinstance(one, TextResourceContents):
        return one.text
    return base64.b64decode(one.blob)


def rows(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The audit log's rows of a kind; ``tenant`` and ``key_id`` are added. Over stdio it is there
    once something is to be noted.
    """
    if not (folder / "audit.db").exists():
        return []
    with contextlib.closing(sqlite3.connect(folder / "audit.db")) as database:
        found = database.execute(
            "SELECT details, tenant, key_id FROM audit WHERE kind = ? ORDER BY number", (kind,)
        ).fetchall()
    return [{**json.loads(one), "tenant": tenant, "key_id": key} for one, tenant, key in found]


# ------------------------------------------------------------------------------------ by hand


class ByHand:
    """A server over stdio that is sent bytes."""

    def __init__(self, folder: Path, *options: str, more: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command(folder, *options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(folder, more),
            cwd=folder,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.number = 0

    def send(self, data: bytes) -> None:
        self.stdin.write(data)
        self.stdin.flush()

    def ask(self, method: str, params: Any = None) -> int:
        self.number += 1
        frame = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params or {}}
        self.send(json.dumps(frame).encode() + b"\n")
        return self.number

    def heard(self, wanted: Callable[[Any], bool]) -> Any:
        """The next frame that is wanted; every line before it is a frame, too."""
        for line in self.stdout:
            frame = json.loads(line)
            assert frame["jsonrpc"] == "2.0"
            if wanted(frame):
                return frame
        raise AssertionError("the server ended")

    def answer(self, number: int) -> Any:
        return self.heard(lambda frame: frame.get("id") == number)

    def shake_hands(self) -> None:
        params = {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "by hand", "version": "1"},
        }
        self.answer(self.ask("initialize", params))
        self.send(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')

    def spin(self) -> int:
        """Have a guest spin; returns when it does."""
        number = self.ask(
            "tools/call",
            {
                "name": "run_python",
                "arguments": {"code": "progress(0.5, 'spinning')\nwhile True: pass"},
                "_meta": {"progressToken": 7},
            },
        )
        self.heard(lambda frame: frame.get("params", {}).get("message") == "spinning")
        return number

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.stdin.close()
        self.stdout.close()


@contextlib.contextmanager
def by_hand(folder: Path, *options: str, **more: Any) -> Iterator[ByHand]:
    found = ByHand(folder, *options, **more)
    try:
        yield found
    finally:
        found.close()


@contextlib.contextmanager
def descendants(pid: int) -> Iterator[list[int]]:
    """Descriptors of all processes below one: each can be waited for, whoever its parent is."""
    found: list[int] = []
    wanted = [pid]
    try:
        while wanted:
            one = wanted.pop()
            for file in Path(f"/proc/{one}/task").glob("*/children"):
                for child in map(int, file.read_text().split()):
                    found.append(os.pidfd_open(child))
                    wanted.append(child)
        yield found
    finally:
        for one in found:
            os.close(one)


def all_ended(descriptors: list[int], seconds: float = 10.0) -> bool:
    poll = select.poll()
    left = set(descriptors)
    for one in descriptors:
        poll.register(one, select.POLLIN)
    while left:
        ended = poll.poll(seconds * 1_000)
        if not ended:
            return False
        for one, _ in ended:
            poll.unregister(one)
            left.discard(one)
    return True


# ------------------------------------------------------------------------------------ over HTTP


class Address:
    """Where a server is, and the key that it made, if it made one."""

    def __init__(self, url: str, key: str | None, pid: int) -> None:
        self.url, self.key, self.pid = url, key, pid


@contextlib.asynccontextmanager
async def http_server(
    folder: Path, *options: str, more: Mapping[str, str] | None = None
) -> AsyncIterator[Address]:
    process = await asyncio.create_subprocess_exec(
        *command(folder, "--http", "127.0.0.1:0", *options),
        stderr=asyncio.subprocess.PIPE,
        env=environment(folder, more),
        cwd=folder,
    )
    assert process.stderr is not None
    try:
        url = key = None
        while url is None:
            line = (await process.stderr.readline()).decode()
            assert line, "it did not start"
            key = found[0] if (found := re.search(r"rfk_\S+", line)) else key
            url = found[0] if (found := re.search(r"http://\S+", line)) else None
        yield Address(url, key, process.pid)
        process.terminate()
        await process.stderr.read()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def over_http(url: str, key: str | None, mode: str = "auto") -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


async def made_key(folder: Path, tenant: str) -> str:
    """As ``ringfence keys create`` makes one."""
    opened = Store.open(store(folder), owning=False)
    made = await opened.write(lambda work: work.accounts.create_key(tenant, scopes=("run",)))
    await opened.close()
    return str(made[0])
