"""The protocol's own conformance checks, of those scenarios that need no tools made for them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mcp.real.forwarding import forwarding
from tests.mcp.real.serving import environment
from tests.support import mcp_servers

SCENARIOS = (
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "dns-rebinding-protection",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int, str]]:
    """(the forwarder's port, the port, the key) of an MCP server over HTTP.

    Its operator lets pages of the forwarder's address ask.
    """
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as one, socket.socket() as another:
        one.bind(("127.0.0.1", 0))
        another.bind(("127.0.0.1", 0))
        outer, port = one.getsockname()[1], another.getsockname()[1]
    origins = f"http://127.0.0.1:{outer},http://localhost:{outer}"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "ringfence", "mcp", "--http", f"127.0.0.1:{port}"),
            *("--store", f"sqlite:///{folder / 'audit.db'}"),
        ],
        cwd=folder,
        env={**environment(folder), "RINGFENCE_MCP_ORIGINS": origins},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    rest = threading.Thread(target=process.stderr.read)
    try:
        said, key = "", None
        while key is None or "http://" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
            key = re.search(r"rfk_[A-Za-z0-9_-]+", said)
        rest.start()
        yield outer, port, key[0]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        rest.join()
        process.stderr.close()


@pytest.mark.usefixtures("standing")
def test_scenarios(served: tuple[int, int, str]) -> None:
    program = mcp_servers.npm_folder() / "conformance" / "dist" / "index.js"
    outer, port, key = served

    async def check(scenario: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *(mcp_servers.node(), str(program), "server"),
            *("--url", f"http://127.0.0.1:{outer}/mcp", "--scenario", scenario),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "HOME": str(Path.cwd())},
        )
        said, _ = await process.communicate()
        return process.returncode, said.decode()

    async def check_all() -> list[tuple[int | None, str]]:
        async with forwarding(outer, port, key):
            return await asyncio.gather(*map(check, SCENARIOS))

    failed = {
        scenario: said
        for scenario, (status, said) in zip(SCENARIOS, asyncio.run(check_all()), strict=True)
        if status != 0
    }
    assert failed == {}, next(iter(failed.values()))
