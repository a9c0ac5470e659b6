"""The door: who may talk to the server at all, and what a browser may do with what it says.

Another program on this machine, another user of it, or a page of the web that the person visits
reaches a port on 127.0.0.1 as well. What keeps them out is a secret in the path of every address,
the host that a request names (DNS rebinding) and the origin that a browser names.

See ``docs/adr/0003-the-door-and-guest-text.md``.
"""

from __future__ import annotations

import hmac
from collections.abc import MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "LARGEST_BODY", "Guard"]

LARGEST_BODY = 10 << 20
"""Bytes of one request: a bundle has 4 MiB, which JSON may double."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        # Leaflet puts an empty picture, which it carries along, into tiles that it lets go.
        "img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        # The one policy parses nothing but the empty drawing with which Leaflet feels for SVG.
        "require-trusted-types-for 'script'; trusted-types default"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""On every answer: nothing from elsewhere, no script that is not a file of ours, no frame around
it, and no address of ours in anybody's log. Tiles say themselves for how long they hold."""


class Guard:
    """Lets through what has the secret, comes from the page that we served, and is not too large.

    Args:
        app: what is behind the door; it sees paths without the secret.
        secret: the first part of every path.
        port: the port on 127.0.0.1.
        largest_body: bytes of one request.
    """

    def __init__(
        self, app: ASGIApp, *, secret: str, port: int, largest_body: int = LARGEST_BODY
    ) -> None:
        self._app = app
        self._secret = secret.encode()
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._largest = largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                have = {name.lower() for name, _ in message.get("headers", ())}
                given = [
                    (name.encode(), value.encode())
                    for name, value in HEADERS.items()
                    if name.encode() not in have
                ]
                message = {**message, "headers": [*message.get("headers", ()), *given]}
            await send(message)

        taken = 0

        async def receive_bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._largest:
                raise HTTPException(413, f"a request has {self._largest:,} bytes at most")
            return message

        refusal = self._refusal(scope)
        if refusal is not None:
            status, words = refusal
            await PlainTextResponse(words, status)(scope, receive, send_with_headers)
            return
        prefix = f"/{self._secret.decode()}"
        inner: MutableMapping[str, Any] = {
            **scope,
            "root_path": scope.get("root_path", "") + prefix,
        }
        await self._app(inner, receive_bounded, send_with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = _headers(scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return 421, "This server answers to the address that it printed, and to no other.\n"
        given = scope["path"].partition("/")[2].partition("/")[0].encode()
        if not hmac.compare_digest(given, self._secret):
            return 404, "There is nothing here.\n"
        origin = headers.get("origin")
        writes = scope["method"] not in {"GET", "HEAD"}
        if (origin is None and writes) or origin not in {None, f"http://{host}"}:
            return 403, "Another site may not do this.\n"
        site, to = headers.get("sec-fetch-site"), headers.get("sec-fetch-dest")
        if site not in {None, "same-origin", "none"} and to != "document":
            return 403, "Another site may not do this.\n"
        told = headers.get("content-length", "")
        if told.isdecimal() and int(told) > self._largest:
            return 413, f"A request has {self._largest:,} bytes at most.\n"
        return None


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by name. One that is there twice is empty: nobody who is honest sends two."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        found[key] = "" if key in found else value.decode("latin-1")
    return found
