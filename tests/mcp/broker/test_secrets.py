"""Where what was looked up for a server could come out."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from tests.mcp.broker.serving import RUN, Noted, broker, entry, refusal, run

SECRET = "s3cr3t-of-the-server"
PLAIN = "written-in-the-file-77"


def test_a_server_s_secrets_are_not_in_what_its_tools_give(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The reference server has a tool that gives its environment; so have others, in their errors."""
    monkeypatch.setenv("REAL", SECRET)
    monkeypatch.setenv("PLACE", str(tmp_path))
    noted = Noted()
    server = entry(
        "wild",
        "",
        "",
        "${REAL}",
        env={
            "ONE": "${REAL}",
            "IN_A_TEXT": "postgres://me:${REAL}@db/x",
            "API_TOKEN": PLAIN,
            "MODE": "production",
            "FOLDER": "${PLACE}",
        },
    )

    async def scenario() -> None:
        async with broker(server, recorder=noted) as one:
            view = one.view(RUN)
            found = await view.call("mcp__wild__environment", {})
            assert SECRET not in str(found)
            assert PLAIN not in str(found)
            assert found["args"][-1] == "[redacted]"
            kept = {name: found["env"][name] for name in server.env}
            assert kept == {
                "ONE": "[redacted]",
                "IN_A_TEXT": "[redacted]",
                "API_TOKEN": "[redacted]",
                "MODE": "production",
                "FOLDER": str(tmp_path),  # a folder is no secret
            }
            error = await refusal(view.call("mcp__wild__fails", {"of": f"401 for {SECRET} at x"}))
            assert str(error) == "mcp__wild__fails failed: 401 for [redacted] at x"
            again = {"text": f"{SECRET}{PLAIN}"}
            assert await view.call("mcp__wild__echo", again) == "[redacted][redacted]"
            assert await view.call("mcp__wild__echo", {"text": SECRET[:6]}) == SECRET[:6]

    run(scenario())
    assert SECRET not in str(noted.rows)


def test_what_a_server_sends_does_not_get_to_standard_error(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK logs each message that it does not understand, with a traceback: thousands of them."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as in a process without pytest

    async def scenario() -> None:
        async with broker(entry("wild", "mumbles")) as one:
            assert await one.view(RUN).call("mcp__wild__echo", {"text": "x"}) == "x"
            await asyncio.sleep(0)

    run(scenario())
    assert capfd.readouterr() == ("", "")
