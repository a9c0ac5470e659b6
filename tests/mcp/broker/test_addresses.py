"""Servers at an address that refuse, lead elsewhere, forget, or speak something else."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ringfence.mcp.broker.configuration import ServerEntry
from tests.mcp.broker.serving import HERE, RUN, broker, refusal, run

SEEN: list[str] = []
MANY = b"[" + b"[],\n\n" * 400_000 + b"0]"  # lines between change nothing
NOTE = b'data: {"jsonrpc": "2.0", "method": "notifications/x", "params": {"x": "],],"}}\n\n'
EVENTS = NOTE * 10 + b"data: [" + (b"[]," * 4_000 + b"\ndata: ") * 100 + b"0]\n\n"
BOMB = gzip.compress(b" " * 100_000_000)  # a hundred kilobytes


class Far(http.server.BaseHTTPRequestHandler):
    """What a path of it answers is what it is called."""

    session = 0

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""

    def do_GET(self) -> None:
        self._answer(405)

    def do_DELETE(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        SEEN.append(self.path)
        match self.path:
            case "/oauth":
                challenge = 'Bearer resource_metadata="http://127.0.0.1/.well-known/x"'
                self._answer(401, {"WWW-Authenticate": challenge})
            case "/sse":
                self._answer(405)
            case "/elsewhere":
                self._answer(307, {"Location": "http://127.0.0.1:1/taken"})
            case "/page":
                self._answer(200, {"Content-Type": "text/html"}, b"<p>")
            case "/packed":
                packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
                self._answer(200, packed, BOMB)
            case "/long":
                self._answer(200, {"Content-Type": "application/json"}, b'"' + b"x" * 2_000_000)
            case "/murmurs":
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                with contextlib.suppress(OSError):  # until nobody reads it
                    while True:
                        self.wfile.write(b": " + b"x" * 60_000 + b"\n")
            case "/amplifies":
                self._answer(200, {"Content-Type": "application/json"}, MANY)
            case "/amplifies-in-events":
                self._answer(200, {"Content-Type": "text/event-stream"}, EVENTS)
            case "/forgets":
                self._speak(json.loads(body))
            case _:
                self._answer(404)

    def _speak(self, message: Any) -> None:
        session = self.headers.get("mcp-session-id")
        if message["method"] == "initialize":
            Far.session += 1
            result: Any = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "far", "version": "1"},
            }
            self._result(message, result, {"mcp-session-id": str(Far.session)})
        elif message["method"] == "server/discover":
            self._answer(400)
        elif session != str(Far.session):
            self._answer(404)
        elif message["method"] == "tools/list":
            self._result(message, {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]})
        elif message["method"] == "tools/call":
            self._result(message, {"content": [{"type": "text", "text": f"in {session}"}]})
        else:
            self._answer(202)

    def _result(self, message: Any, result: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
        self._answer(200, {"Content-Type": "application/json", **(headers or {})}, body)

    def _answer(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Far) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def far(url: str, **headers: str) -> ServerEntry:
    return ServerEntry("far", "http", "user", HERE / "mcp.json", url=url, headers=headers)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (
            "/oauth",
            "it wants an authorization (HTTP 401): give a header in its entry; OAuth is not spoken",
        ),
        (
            "/sse",
            "its address takes no messages (HTTP 405): it must be one of streamable HTTP, not of SSE",
        ),
        (
            "/none",
            "nothing is at its address (HTTP 404): it must be one of streamable HTTP, not of SSE",
        ),
        (
            "/elsewhere",
            "it leads elsewhere (HTTP 307), where nobody follows; give the address itself",
        ),
        ("/packed", "it packs its answers, which nobody asked for"),
        ("/long", "it sent a message of more than 1,050,576 bytes"),
        ("/murmurs", "it sends more bytes than anybody asked for"),
        ("/amplifies", "it sent a message of more than 300,000 values"),
        ("/amplifies-in-events", "it sent a message of more than 300,000 values"),
        ("/page", "it refused to connect: Unexpected content type: text/html"),
    ],
)
def test_why_an_address_is_refused_is_told(address: str, path: str, problem: str) -> None:
    SEEN.clear()

    async def scenario() -> None:
        bounds: dict[str, Any] = {} if "amplifies" in path else {"result_bytes": 1_000}
        async with broker(far(address + path), **bounds) as one:
            assert await one.view(RUN).tools() == []
            assert one.problems == {"far": problem}
            error = await refusal(one.view(RUN).call("mcp__far__t", {}))
            assert str(error) == f"far does not answer: {problem}"

    run(scenario())
    assert set(SEEN) == {path}


@pytest.mark.parametrize("value", ["line\n", "two\r\nX: y", " ", "caf\u00e9", "bell\x07"])
def test_a_header_that_no_request_can_have_is_told_by_its_name(
    address: str, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A secret that ends in a new line is common; no error is to have it."""
    monkeypatch.setenv("TOKEN", f"t0p-secret{value}")

    async def scenario() -> None:
        async with broker(far(address, Authorization="${TOKEN}")) as one:
            error = await refusal(one.view(RUN).call("mcp__far__t", {}))
            assert "header Authorization: a value of printable ASCII" in str(error)
            assert "t0p-secret" not in str(error) + str(one.reports)

    run(scenario())


def test_a_server_that_forgot_the_session_is_connected_to_anew(address: str) -> None:
    async def scenario() -> None:
        async with broker(far(f"{address}/forgets"), approved=("far.t",)) as one:
            view = one.view(RUN)
            first = Far.session + 1
            assert await view.call("mcp__far__t", {}) == f"in {first}"
            Far.session += 7
            error = await refusal(view.call("mcp__far__t", {}))
            assert "it does not know the session any more" in str(error)
            assert await view.call("mcp__far__t", {}) == f"in {first + 8}"

    run(scenario())
