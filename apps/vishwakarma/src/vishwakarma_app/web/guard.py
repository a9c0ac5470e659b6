"""The door: who may talk to the server at all, and what a browser may do with what it says.

Another program on this machine, another user of it, or a page of the web that the person visits
reaches a port on 127.0.0.1 as well. What keeps them out:

- a secret in the path of every address (256 bits), which only the person was told;
- the host that a request names: a name that somebody made point here is none of ours (DNS
  rebinding);
- the origin that a browser names: another site's page does not get to write or to open a socket.

See ``docs/adr/0007-the-web-application-trusts-one-page.md``.
"""

from __future__ import annotations

import hmac
from collections.abc import MutableMapping
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "Guard"]

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
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
it, and no address of ours in anybody's log."""


class Guard:
    """Lets through what has the secret, and comes from the page that we served.

    Args:
        app: what is behind the door; it sees paths without the secret.
        secret: the first part of every path.
        port: the port on 127.0.0.1.
    """

    def __init__(self, app: ASGIApp, *, secret: str, port: int) -> None:
        self._app = app
        self._secret = secret.encode()
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *given]}
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(self._inner(scope), receive, send_with_headers)
        elif scope["type"] == "websocket":
            # Before it is accepted: the browser sees a handshake that failed, and no more.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, words = refusal
            await PlainTextResponse(words, status)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = _headers(scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return 421, "This server answers to the address that it printed, and to no other.\n"
        given = scope["path"].partition("/")[2].partition("/")[0].encode()
        if not hmac.compare_digest(given, self._secret):
            return 404, "There is nothing here.\n"
        origin = headers.get("origin")
        writes = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}
        if (origin is None and writes) or origin not in {None, f"http://{host}"}:
            return 403, "Another site may not do this.\n"
        # Browsers say where a request comes from. Only the page itself may be opened from outside:
        # somebody clicks on the address that we printed.
        site, to = headers.get("sec-fetch-site"), headers.get("sec-fetch-dest")
        if site not in {None, "same-origin", "none"} and to != "document":
            return 403, "Another site may not do this.\n"
        return None

    def _inner(self, scope: Scope) -> MutableMapping[str, Any]:
        """The same connection with a path that begins behind the secret."""
        prefix = f"/{self._secret.decode()}"
        return {**scope, "root_path": scope.get("root_path", "") + prefix}


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by name. One that is there twice is empty: nobody who is honest sends two."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        found[key] = "" if key in found else value.decode("latin-1")
    return found
