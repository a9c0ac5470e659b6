"""How many of the SDK's sessions each client has: who opens too many ends its own.

The SDK keeps a session until it was idle for half an hour, and so many of them in all: one client
that opens one after the other would keep all others out.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.responses import JSONResponse

from ringfence.mcp.server.keys import STATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Transports"]

_SESSION = b"mcp-session-id"
_VERSION = b"mcp-protocol-version"


class Transports:
    """Passes requests on, and bounds what they open. Used from one event loop.

    Args:
        app: the SDK's.
        each: sessions that one client may have. For one more its own oldest one ends that no
            request uses.
    """

    def __init__(self, app: ASGIApp, each: int) -> None:
        self._app = app
        self._each = each
        # Of each client, in the order of their use: requests that use it now.
        self._of: dict[str, OrderedDict[str, int]] = {}
        self._opening: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, of a client that is known."""
        client: str = scope["state"][STATE]
        own = self._of.setdefault(client, OrderedDict())
        named = _header(scope, _SESSION)
        if named is not None and named in own:
            await self._use(own, named, scope, receive, send)
        elif named is None and _header(scope, _VERSION) in (None, *HANDSHAKE_PROTOCOL_VERSIONS):
            await self._open(client, own, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _use(
        self,
        own: OrderedDict[str, int],
        named: str,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        own.move_to_end(named)
        own[named] += 1
        try:
            status = await self._watched(scope, receive, send, lambda session: None)
        finally:
            if named in own:
                own[named] -= 1
        if status == 404 or (scope["method"] == "DELETE" and status < 300):
            own.pop(named, None)

    async def _open(
        self,
        client: str,
        own: OrderedDict[str, int],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        if len(own) + self._opening[client] >= self._each:
            idle = next((name for name, using in own.items() if not using), None)
            if idle is None:
                refused = JSONResponse(
                    {"error": f"you have {self._each} sessions that are used: end one"},
                    status_code=429,
                    headers={"retry-after": "1"},
                )
                await refused(scope, receive, send)
                return
            del own[idle]
            await self._end(idle, scope)
        self._opening[client] += 1
        try:
            # It is known before its client knows of it: it may be used before this ends.
            await self._watched(scope, receive, send, lambda session: own.setdefault(session, 0))
        finally:
            self._opening[client] -= 1

    async def _watched(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        opened: Callable[[str], object],
    ) -> int:
        """Pass it on; the status. ``opened`` is told of the session that the answer names."""
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                for name, value in message["headers"]:
                    if name == _SESSION and status < 400:
                        opened(value.decode("latin-1"))
            await send(message)

        await self._app(scope, receive, watch)
        return status

    async def _end(self, session: str, scope: Scope) -> None:
        """As its client would end it."""
        ending = {**scope, "method": "DELETE", "headers": [(_SESSION, session.encode("latin-1"))]}

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            pass

        await self._app(ending, receive, send)


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)
