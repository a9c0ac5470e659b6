"""MCP over streamable HTTP: many clients, each with a key, behind the service's door."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import uvicorn
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.responses import PlainTextResponse

from ringfence.errors import ConfigurationError, EngineFailure
from ringfence.mcp.broker.selves import MARK_HEADER
from ringfence.mcp.server.allowances import TenantAllowances, usual_quotas
from ringfence.mcp.server.application import opened
from ringfence.mcp.server.handlers import server_of
from ringfence.mcp.server.keys import STATE, Doorkeeper
from ringfence.mcp.server.settings import PREFIX
from ringfence.mcp.server.transports import Transports
from ringfence.server.access import keys
from ringfence.server.access.ring import KeyRing
from ringfence.server.app import is_own
from ringfence.server.door import Door
from ringfence.server.prompt import protocol_of
from ringfence.server.stopping import OrderlyServer

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ringfence.mcp.server.application import Parts
    from ringfence.mcp.server.preparing import Prepared

__all__ = ["PATH", "HttpServer"]

PATH = "/mcp"

_MARK = MARK_HEADER.encode()

_CONNECTIONS = 256
_MOST_TRANSPORTS = 1_000
_BODY_SECONDS = 20.0
_HEAD_SECONDS = 10.0
_LEAVE_SECONDS = 1.0
_UNREAD_BYTES = 64 << 20
_BODIES = 16  # whole messages in memory at once
_TRANSPORTS = 64  # of one client
_ASKED_HEADERS = ("mcp-session-id", "mcp-protocol-version", "mcp-method", "mcp-name")
_TOLD_HEADERS = ("mcp-session-id",)


class HttpServer:
    """Serves until it is told to stop.

    Args:
        prepared: what the server is made of.
        address: ``HOST:PORT``; port 0 takes any that is free.

    Attributes:
        url: where it is.

    Raises:
        ConfigurationError: the address is none.
        EngineFailure: the port is taken.
    """

    def __init__(self, prepared: Prepared, address: str) -> None:
        self._prepared = prepared
        host, port = _address(address)
        self._own = is_own(host)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise EngineFailure(f"cannot listen at {host}, port {port}: {error}") from error
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}{PATH}"

    def serve(self, say: Callable[[str], object]) -> None:
        """Serve until SIGTERM or Ctrl-C; when it returns no guest is left.

        Args:
            say: is told the address once it answers, a key that was made for this run, and what
                was left out of the configuration.

        Raises:
            ConfigurationError: others could reach it, and there is no key.
            RingfenceError: a part of it cannot be had.
        """
        try:
            asyncio.run(self._serve(say))
        finally:
            self._socket.close()

    async def _serve(self, say: Callable[[str], object]) -> None:
        settings = self._prepared.settings
        async with contextlib.AsyncExitStack() as closing:
            parts = await closing.enter_async_context(opened(self._prepared, say))
            ring, allowances = None, None
            if parts.store is not None:
                ring = KeyRing(parts.store, quotas=usual_quotas(), anonymous=False)
                closing.push_async_callback(ring.close)
                allowances = await TenantAllowances.open(parts.store)
                closing.push_async_callback(allowances.close)
            own = await self._own_key(ring, say)
            if own is None and allowances is not None:
                parts.running.allowances = allowances
            manager = StreamableHTTPSessionManager(
                server_of(parts, _client_of),
                session_idle_timeout=settings.session_seconds,
                max_request_body_size=settings.request_bytes,
                max_sessions=_MOST_TRANSPORTS,
            )
            config = uvicorn.Config(
                _application(parts, manager, Doorkeeper(ring, own, allowances)),
                access_log=False,
                backlog=1_024,
                date_header=False,
                http=protocol_of(
                    connections=_CONNECTIONS,
                    head_seconds=_HEAD_SECONDS,
                    leave_seconds=_LEAVE_SECONDS,
                    send_seconds=_BODY_SECONDS,
                    unread_bytes=_UNREAD_BYTES,
                ),
                lifespan="off",
                log_config=None,
                loop="none",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=3,
                timeout_keep_alive=75,
                ws="none",
            )
            serving = OrderlyServer(
                config, started=lambda: say(f"serving {self.url}"), ending=parts.running.close
            )
            async with manager.run():
                await serving.serve(sockets=[self._socket])

    async def _own_key(self, ring: KeyRing | None, say: Callable[[str], object]) -> keys.Key | None:
        """A key for this run, where there is no other and only this machine asks."""
        if ring is not None and await ring.any_key():
            return None
        if not self._own:
            raise ConfigurationError(
                "others can reach this address, and there is no key: anybody could run anything. "
                "Make one with `ringfence keys create TENANT`, or listen at 127.0.0.1"
            )
        own = keys.make()
        say(f"the key of this run, which is shown once: {own}")
        return own


def _application(
    parts: Parts, manager: StreamableHTTPSessionManager, doorkeeper: Doorkeeper
) -> ASGIApp:
    settings = parts.settings
    transports = Transports(manager.handle_request, _TRANSPORTS)

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == _MARK for name, _ in scope["headers"]):
            circle = PlainTextResponse("a broker does not call itself", status_code=403)
            await circle(scope, receive, send)
            return
        if scope["path"] != PATH:
            missing = PlainTextResponse(f"MCP is at {PATH}", status_code=404)
            await missing(scope, receive, send)
            return
        await transports(scope, receive, send)

    return Door(
        routed,
        names=settings.names,
        origins=settings.origins,
        request_bytes=settings.request_bytes,
        body_seconds=_BODY_SECONDS,
        bodies_bytes=_BODIES * settings.request_bytes,
        connections=_CONNECTIONS,
        guests=1,
        closed=lambda: None,
        known=doorkeeper.known,
        prefix=PREFIX,
        asked_headers=_ASKED_HEADERS,
        told_headers=_TOLD_HEADERS,
    )


def _client_of(ctx: ServerRequestContext) -> str:
    """Whose a request is: the door said so, of each."""
    assert ctx.request is not None
    return cast("str", ctx.request.scope["state"][STATE])


def _address(text: str) -> tuple[str, int]:
    host, between, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not between or not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise ConfigurationError(f"--http {text!a}: write HOST:PORT, such as 127.0.0.1:8765")
    return ("127.0.0.1" if host == "localhost" else host), int(port)
