"""The server: a socket on 127.0.0.1, a secret, and the application behind both."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable

import uvicorn

from worldgen.atlas import Atlas
from worldgen.web.application import application

__all__ = ["Server"]


class Server:
    """A server of worlds for one person.

    Args:
        atlas: what it serves; stays the caller's to close.
        port: the port on 127.0.0.1; 0 takes any that is free.

    Attributes:
        url: where the page is. It holds the secret: who knows it is the person.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, atlas: Atlas, *, port: int = 0) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=64)
        bound = self._socket.getsockname()[1]
        secret = secrets.token_urlsafe(32)
        self.url = f"http://127.0.0.1:{bound}/{secret}/"
        self._app = application(atlas, secret=secret, port=bound)
        self._server: uvicorn.Server | None = None
        self._stop = False

    def serve(self, started: Callable[[], object] = lambda: None) -> None:
        """Serve until :meth:`stop`, or until Ctrl-C where this is the main thread.

        Args:
            started: called once the address answers.
        """
        asyncio.run(self._serve(started))

    def stop(self) -> None:
        """End it, from any thread."""
        self._stop = True
        if self._server is not None:
            self._server.should_exit = True

    async def _serve(self, started: Callable[[], object]) -> None:
        config = uvicorn.Config(
            self._app,
            access_log=False,  # it would hold the secret
            date_header=False,
            h11_max_incomplete_event_size=16 << 10,
            http="h11",
            limit_concurrency=200,
            log_level="warning",
            loop="asyncio",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=3,
            ws="none",
        )
        self._server = server = uvicorn.Server(config)
        server.should_exit = self._stop
        started()  # the socket listens already: who comes early waits in its queue
        await server.serve(sockets=[self._socket])
