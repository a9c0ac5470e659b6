"""What the broker does not do, shown: for docs/limitations/mcp.md."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from ringfence.mcp.broker.approvals import Approvals
from ringfence.mcp.broker.configuration import ServerEntry, read_configuration
from ringfence.mcp.broker.schemas import Checker
from tests.mcp.broker.serving import MODERN, RUN, Noted, alive, broker, entry, modern_address, run

__all__ = [
    "all_or_nothing",
    "approved_by_its_command",
    "hashes_that_can_be_guessed",
    "keywords_that_check_nothing",
    "new_tools_of_modern_servers",
    "no_proxies",
    "no_sandbox",
    "no_sse",
    "out_of_the_group",
    "patterns_that_check_nothing",
    "secrets_in_other_words",
]


async def _called(tool: str, *servers: ServerEntry) -> Any:
    async with broker(*servers) as one:
        return await one.view(RUN).call(tool, {})


def no_sandbox() -> None:
    async def scenario() -> None:
        async with broker() as one:
            child = int(await one.view(RUN).call("mcp__wild__spawn", {}))
            assert os.readlink(f"/proc/{child}/ns/net") == os.readlink("/proc/self/ns/net")
            assert Path(f"/proc/{child}").stat().st_uid == os.geteuid()

    run(scenario())


def out_of_the_group() -> None:
    child = int(run(_called("mcp__wild__escape")))
    try:
        assert alive(child)
    finally:
        os.kill(child, signal.SIGKILL)


def approved_by_its_command(folder: Path) -> None:
    script, file = folder / "start.sh", folder / ".mcp.json"
    script.write_text("exit 1\n")
    file.write_text(json.dumps({"mcpServers": {"s": {"command": "sh", "args": ["start.sh"]}}}))
    kept = Approvals(folder / "state" / "approvals.json")
    (before,) = read_configuration(file, None).servers
    kept.add(before)
    script.write_text("exit 2\n")
    (after,) = read_configuration(file, None).servers
    assert kept.holds(after)


def secrets_in_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REAL", "s3cr3t-of-the-server")
    told = b"s3cr3t-of-the-server".hex()

    async def scenario() -> None:
        async with broker(entry(env={"ONE": "${REAL}"})) as one:
            assert await one.view(RUN).call("mcp__wild__echo", {"text": told}) == told

    run(scenario())


def hashes_that_can_be_guessed() -> None:
    noted = Noted()

    async def scenario() -> None:
        async with broker(recorder=noted) as one:
            await one.view(RUN).call("mcp__wild__echo", {"text": "1234"})

    run(scenario())
    guesses = (f'{{"text":"{pin:04}"}}' for pin in range(10_000))
    found = noted.rows[0][2]["arguments_sha256"]
    assert found in (hashlib.sha256(one.encode()).hexdigest() for one in guesses)


def no_sse(folder: Path) -> None:
    file = folder / "old.json"
    file.write_text(json.dumps({"mcpServers": {"old": {"type": "sse", "url": "http://x/sse"}}}))
    found = read_configuration(file, None)
    assert found.servers == ()
    assert "that transport is of the past" in found.warnings[0]


def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with modern_address() as url:
        far = ServerEntry("far", "http", "user", Path("/nowhere/mcp.json"), url=url)
        assert run(_called("mcp__far__add_one", far)) == {"n": 1}


def all_or_nothing() -> None:
    async def scenario() -> None:
        async with broker(entry("bad", "malformed")) as one:
            assert await one.tools() == []

    run(scenario())


def patterns_that_check_nothing() -> None:
    for pattern in ("(?=a)b", r"(a)\1", "a" * 2_000):
        assert Checker({"pattern": pattern}, "arguments").problems("zzz", 1) == ()


def keywords_that_check_nothing() -> None:
    for schema in (
        {"format": "email"},
        {"unevaluatedProperties": False},
        {"$dynamicRef": "#x", "$defs": {"x": {"$dynamicAnchor": "x", "type": "null"}}},
    ):
        checker = Checker(schema, "arguments")
        assert checker.problems("no", 1) == ()
        assert checker.problems({"a": 1}, 2) == ()


def new_tools_of_modern_servers() -> None:
    async def scenario() -> None:
        async with broker(entry("modern", program=MODERN)) as one:
            connection = one.connections["modern"]
            now = [0.0]
            connection._clock = lambda: now[0]
            await connection.listing()
            session = await connection._session(patient=False)
            now[0] = 59.0
            assert not connection._stale(session)
            now[0] = 61.0
            assert connection._stale(session)

    run(scenario())
