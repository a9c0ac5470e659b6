"""Clients over HTTP that mean no good, and the others beside them."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

from ringfence.server.store import Store
from tests.mcp.server.serving import (
    http_server,
    made_key,
    over_http,
    rows,
    run,
    store,
    text,
    value,
)
from tests.mcp.server.test_http import HEADERS, INITIALIZE

LEGACY = {"MCP-Protocol-Version": "2025-06-18"}


def headers(key: str, **more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): one for name, one in more.items()}
    return {**HEADERS, "Authorization": f"Bearer {key}", **named}


def call(number: Any, code: str, **more: Any) -> dict[str, Any]:
    return {
        "jsonrpc": "2.0",
        "id": number,
        "method": "tools/call",
        "params": {"name": "run_python", "arguments": {"code": code, **more}},
    }


async def begun(http: httpx2.AsyncClient, url: str, key: str) -> dict[str, str]:
    """A transport's session: what its requests say."""
    made = await http.post(url, headers=headers(key), json=INITIALIZE)
    assert made.status_code == 200
    own = headers(key, Mcp_Session_Id=made.headers["mcp-session-id"], **LEGACY)
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert (await http.post(url, headers=own, json=ready)).status_code == 202
    return own


def test_a_key_holds_in_one_place_only_and_a_message_is_one(tmp_path: Path) -> None:
    async def main() -> None:
        async with http_server(tmp_path) as server, httpx2.AsyncClient(timeout=30) as http:
            key, url = server.key, server.url
            assert key is not None

            async def status(given: Any, to: str = url, **more: Any) -> int:
                body = more or {"json": INITIALIZE}
                return int((await http.post(to, headers=given, **body)).status_code)

            assert await status(headers(key)) == 200
            assert await status(HEADERS, f"{url}?key={key}&access_token={key}") == 401
            for name, one in (
                ("Cookie", f"key={key}"),
                ("X-API-Key", key),
                ("Proxy-Authorization", f"Bearer {key}"),
                ("Authorization", f"Basic {key}"),
                ("Authorization", f"Bearer {key}, Bearer {key}"),
                ("Authorization", f"Bearer {key} x"),
                ("Authorization", key),
            ):
                assert await status({**HEADERS, name: one}) == 401, name
            twice = [*HEADERS.items(), *[("Authorization", f"Bearer {key}")] * 2]
            assert await status(twice) == 401
            for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", ""):
                assert await status(headers(key, Host=host)) in (400, 421), host
            for origin in ("null", "http://localhost", "http://127.0.0.1", url):
                assert await status(headers(key, Origin=origin)) == 403, origin
            for era in ({}, {"MCP-Protocol-Version": "2026-07-28"}):
                given = {**headers(key), **era}
                assert await status(given, json=[INITIALIZE, INITIALIZE]) == 400
                assert await status(given, content=b"") in (400, 422)
                assert (
                    await status(given, content=b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b"}")
                    == 422
                )
                assert await status({**given, "Content-Type": "text/plain"}) in (400, 415, 422)

    asyncio.run(main())


def test_no_key_can_resume_end_or_cancel_what_is_anothers(tmp_path: Path) -> None:
    async def main() -> None:
        one, two = [await made_key(tmp_path, name) for name in ("one", "two")]
        async with http_server(tmp_path) as server, httpx2.AsyncClient(timeout=60) as http:
            url = server.url
            first, second = [await begun(http, url, key) for key in (one, two)]
            theirs = {**headers(two), **LEGACY, "Mcp-Session-Id": first["Mcp-Session-Id"]}
            spinning = asyncio.create_task(
                http.post(
                    url,
                    headers=first,
                    json=call(7, "x = 0\nwhile x < 3e6: x += 1\nx", session_id="s"),
                )
            )
            cancel = {
                "jsonrpc": "2.0",
                "method": "notifications/cancelled",
                "params": {"requestId": 7},
            }
            answer = {"jsonrpc": "2.0", "id": 7, "result": {}}
            for given, method, body in (
                (theirs, "DELETE", None),
                (theirs, "GET", None),
                ({**theirs, "Last-Event-ID": "1"}, "GET", None),
                (theirs, "POST", cancel),
                (theirs, "POST", answer),
            ):
                told = await http.request(method, url, headers=given, json=body)
                assert told.status_code == 404, (method, body)
            # The same id is another request in a session of one's own.
            assert (await http.post(url, headers=second, json=cancel)).status_code == 202
            closed = await http.post(
                url,
                headers=second,
                json={
                    **call(8, ""),
                    "params": {"name": "close_session", "arguments": {"session_id": "s"}},
                },
            )
            assert "There is no session s." in closed.text
            assert '"value":3000000' in (await spinning).text
        assert [one["outcome"] for one in rows(tmp_path, "mcp.run")] == ["ok"]

    asyncio.run(main())


def test_whoever_opens_sessions_without_end_ends_its_own(tmp_path: Path) -> None:
    async def main() -> None:
        one, two = [await made_key(tmp_path, name) for name in ("one", "two")]
        async with http_server(tmp_path) as server, httpx2.AsyncClient(timeout=60) as http:
            url = server.url
            kept = await begun(http, url, one)
            oldest = await begun(http, url, one)
            ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
            for _ in range(80):
                made = await http.post(url, headers=headers(one), json=INITIALIZE)
                assert made.status_code == 200
                assert (await http.post(url, headers=kept, json=ping)).status_code == 200
            assert (await http.post(url, headers=oldest, json=ping)).status_code == 404
            assert (await begun(http, url, two))["Mcp-Session-Id"]

    asyncio.run(main())


def test_streams_that_are_held_open_keep_nobody_else_out(tmp_path: Path) -> None:
    async def main() -> None:
        one, two = [await made_key(tmp_path, name) for name in ("one", "two")]
        async with http_server(tmp_path) as server, httpx2.AsyncClient(timeout=60) as http:
            url = httpx2.URL(server.url)
            writers: list[asyncio.StreamWriter] = []

            async def hold(request: bytes) -> asyncio.StreamReader:
                reader, writer = await asyncio.open_connection(url.host, url.port)
                writers.append(writer)
                writer.write(request)
                return reader

            readers: list[asyncio.StreamReader] = []
            refused = None
            while refused is None:
                made = await http.post(server.url, headers=headers(one), json=INITIALIZE)
                if made.status_code != 200:
                    refused = made
                    break
                own = headers(one, Mcp_Session_Id=made.headers["mcp-session-id"], **LEGACY)
                lines = "".join(f"{name}: {value}\r\n" for name, value in own.items())
                head = f"GET /mcp HTTP/1.1\r\nHost: {url.host}\r\n{lines}\r\n"
                reader = await hold(head.encode())
                assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
                readers.append(reader)
            assert (len(readers), refused.status_code) == (64, 429)
            for _ in range(300):
                await hold(b"POST /mcp HTTP/1.1\r\nHost: 127.0")
            async with over_http(server.url, two) as other:
                assert value(await run(other, "6 * 7")) == 42
            for writer in writers:
                writer.close()

    asyncio.run(main())


def test_pages_of_an_origin_that_the_operator_names_can_use_it(tmp_path: Path) -> None:
    async def main() -> None:
        page = "http://page.example"
        more = {"RINGFENCE_MCP_ORIGINS": page}
        async with http_server(tmp_path, more=more) as server, httpx2.AsyncClient() as http:
            asked = await http.options(
                server.url,
                headers={
                    "Origin": page,
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "authorization,mcp-session-id",
                },
            )
            assert asked.status_code == 204
            assert {
                "authorization",
                "content-type",
                "mcp-session-id",
                "mcp-protocol-version",
            } <= set(asked.headers["access-control-allow-headers"].split(", "))
            assert server.key is not None
            made = await http.post(
                server.url, headers=headers(server.key, Origin=page), json=INITIALIZE
            )
            assert made.status_code == 200
            assert "mcp-session-id" in made.headers["access-control-expose-headers"]
            other = await http.post(
                server.url, headers=headers(server.key, Origin=f"{page}.evil"), json=INITIALIZE
            )
            assert other.status_code == 403
            assert "RINGFENCE_MCP_ORIGINS" in other.json()["detail"]

    asyncio.run(main())


async def set_quotas(folder: Path, tenant: str, **quotas: Any) -> None:
    opened = Store.open(store(folder), owning=False)
    await opened.write(lambda work: work.accounts.set_tenant(tenant, **quotas))
    await opened.close()


def denied(folder: Path) -> str:
    """What a client is told whose tenant's quota is used up."""

    async def main() -> str:
        key = await made_key(folder, "one")
        await set_quotas(folder, "one", per_minute=1)
        async with http_server(folder) as server, over_http(server.url, key) as client:
            await run(client, "1")
            return text(await run(client, "1"))

    return asyncio.run(main())


def test_a_tenants_quotas_hold_over_all_its_keys_and_are_told(tmp_path: Path) -> None:
    async def main() -> None:
        keys = [await made_key(tmp_path, "one"), await made_key(tmp_path, "one")]
        other = await made_key(tmp_path, "two")
        await set_quotas(tmp_path, "one", concurrent=2, per_minute=4)
        async with (
            http_server(tmp_path) as server,
            over_http(server.url, keys[0]) as first,
            over_http(server.url, keys[1]) as second,
            over_http(server.url, other) as stranger,
        ):
            slow = "import time\ntime.sleep(1)\n1"
            told = await asyncio.gather(run(first, slow), run(second, slow), run(first, slow))
            assert Counter(bool(one.is_error) for one in told) == {False: 2, True: 1}
            (refused,) = [one for one in told if one.is_error]
            assert text(refused) == (
                "not run: the quota concurrent is used up: at most 2 runs at once; try again in 1 s"
            )
            assert refused.structured_content["retry_after_seconds"] == 1
            assert value(await run(second, "2")) == 2
            assert value(await run(first, "3")) == 3
            over = await run(second, "4")
            assert "the quota per-minute is used up: at most 4 runs in 60 s" in text(over)
            assert 0 < over.structured_content["retry_after_seconds"] <= 60
            assert value(await run(stranger, "5")) == 5

    asyncio.run(main())


def test_cpu_seconds_of_a_day_end_a_run_and_refuse_the_next(tmp_path: Path) -> None:
    async def main() -> None:
        key = await made_key(tmp_path, "one")
        await set_quotas(tmp_path, "one", cpu_seconds_per_day=0.3)
        for attempt in range(2):  # the database remembers for the next server
            async with http_server(tmp_path) as server, over_http(server.url, key) as client:
                if not attempt:
                    ended = await run(client, "while True: pass", timeout_seconds=20)
                    assert ended.structured_content["limit"] == "cpu"
                refused = await run(client, "1")
                assert "the quota cpu-per-day is used up" in text(refused)
                assert refused.structured_content["retry_after_seconds"] > 0

    asyncio.run(main())
