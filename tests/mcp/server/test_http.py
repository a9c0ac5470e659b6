"""Several clients over HTTP."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp.shared.exceptions import MCPError

from tests.mcp.server.serving import (
    all_ended,
    command,
    descendants,
    environment,
    held,
    http_server,
    made_key,
    over_http,
    rows,
    run,
    text,
    value,
)

HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "by hand", "version": "1"},
    },
}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_two_clients_never_see_each_others_sessions(tmp_path: Path, mode: str) -> None:
    async def main() -> None:
        keys = [await made_key(tmp_path, "one"), await made_key(tmp_path, "two")]
        async with http_server(tmp_path) as server:
            assert server.key is None
            async with (
                over_http(server.url, keys[0], mode) as first,
                over_http(server.url, keys[1], mode) as second,
            ):
                both = first, second
                code = "open('f.txt', 'w').write({0!r})\nsecret = {0!r}"
                await asyncio.gather(
                    *(
                        run(client, code.format(name), session_id="s")
                        for client, name in zip(both, ("one", "two"), strict=True)
                    )
                )
                for client, name in zip(both, ("one", "two"), strict=True):
                    assert value(await run(client, "secret", session_id="s")) == name
                    read = await client.read_resource("ringfence://sessions/s/files/f.txt")
                    assert held(read) == name
                await run(first, "open('g.txt', 'w').write('x')", session_id="mine")
                listed = await second.call_tool("list_sessions")
                assert [one["session_id"] for one in listed.structured_content["sessions"]] == ["s"]
                assert [one.uri for one in (await second.list_resources()).resources] == [
                    "ringfence://sessions/s/files/f.txt"
                ]
                told = []
                for session in ("mine", "none"):
                    closed = await second.call_tool("close_session", {"session_id": session})
                    with pytest.raises(MCPError) as raised:
                        await second.read_resource(f"ringfence://sessions/{session}/files/g.txt")
                    told.append(
                        (text(closed) + raised.value.error.model_dump_json()).replace(session, "")
                    )
                assert told[0] == told[1]
                assert value(await run(first, "open('g.txt').read()", session_id="mine")) == "x"
        owners = {(one["tenant"], one["key_id"]) for one in rows(tmp_path, "mcp.run")}
        assert owners == {
            (name, key.split("_")[1]) for name, key in zip(("one", "two"), keys, strict=True)
        }

    asyncio.run(main())


def test_who_has_no_key_or_comes_from_a_page_is_turned_away(tmp_path: Path) -> None:
    async def main() -> None:
        async with http_server(tmp_path) as server, httpx2.AsyncClient(timeout=30) as http:
            own = {**HEADERS, "Authorization": f"Bearer {server.key}"}

            async def status(headers: dict[str, str], **more: Any) -> int:
                given = more or {"json": INITIALIZE}
                answer = await http.post(server.url, headers=headers, **given)
                return int(answer.status_code)

            assert await status(own) == 200
            assert await status(HEADERS) == 401
            wrong = f"Bearer rfk_{'0' * 16}_{'a' * 43}"
            assert await status({**HEADERS, "Authorization": wrong}) == 401
            assert await status({**own, "Origin": "https://evil.example"}) == 403
            assert await status({**own, "Sec-Fetch-Site": "cross-site"}) == 403
            assert await status({**own, "Host": "evil.example"}) == 421
            assert await status(own, content=b"x" * (5 << 20)) == 413
            assert await status(own, content=b"[" * 1_000) == 422
            assert await status({**own, "X-Ringfence-MCP-Broker": "1"}) == 403
            assert (await http.get(server.url.removesuffix("/mcp"), headers=own)).status_code == 404

    asyncio.run(main())


def test_another_key_cannot_use_a_transports_session(tmp_path: Path) -> None:
    async def main() -> None:
        one, two = [await made_key(tmp_path, name) for name in ("one", "two")]
        async with http_server(tmp_path) as server, httpx2.AsyncClient(timeout=30) as http:
            made = await http.post(
                server.url, headers={**HEADERS, "Authorization": f"Bearer {one}"}, json=INITIALIZE
            )
            session = made.headers["mcp-session-id"]
            ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
            told = []
            for key, name in ((one, session), (two, session), (two, "0" * 32)):
                headers = {
                    **HEADERS,
                    "Authorization": f"Bearer {key}",
                    "Mcp-Session-Id": name,
                    "MCP-Protocol-Version": "2025-06-18",
                }
                answer = await http.post(server.url, headers=headers, json=ping)
                told.append((answer.status_code, answer.text))
            assert told[0][0] == 200
            assert told[1] == told[2] and told[1][0] == 404

    asyncio.run(main())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_cancelling_kills_a_guest_that_spins(tmp_path: Path, mode: str) -> None:
    async def main() -> None:
        async with http_server(tmp_path) as server:
            async with over_http(server.url, server.key, mode) as client:
                with anyio.CancelScope() as scope:

                    async def progress(
                        progress: float, total: float | None, message: str | None
                    ) -> None:
                        scope.cancel()

                    await client.call_tool(
                        "run_python",
                        {"code": "progress(0.1)\nwhile True: pass", "timeout_seconds": 200},
                        progress_callback=progress,
                    )
                assert scope.cancelled_caught
                assert value(await run(client, "1 + 1")) == 2
            with descendants(server.pid) as below:
                pass
        assert sorted(one["outcome"] for one in rows(tmp_path, "mcp.run")) == ["cancelled", "ok"]
        assert below

    asyncio.run(main())


def test_sigterm_leaves_no_process(tmp_path: Path) -> None:
    async def main() -> None:
        async with http_server(tmp_path) as server:
            async with over_http(server.url, server.key) as client:
                await run(client, "1", session_id="s")
            with_below = descendants(server.pid)
            below = with_below.__enter__()
        try:
            assert len(below) >= 2
            assert all_ended(below)
        finally:
            with_below.__exit__(None, None, None)

    asyncio.run(main())


def test_a_public_address_needs_a_key(tmp_path: Path) -> None:
    ended = subprocess.run(
        command(tmp_path, "--http", "0.0.0.0:0"),
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ended.returncode == 2
    assert "ringfence keys create" in ended.stderr
