"""The server: a socket on 127.0.0.1, a secret, and the application behind both."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from vishwakarma_app.web.application import application
from vishwakarma_app.web.files import LARGEST_UPLOAD
from vishwakarma_app.web.hub import Hub
from vishwakarma_app.web.workspace import Workspace
from vishwakarma_app.workshop import Catalogue

__all__ = ["Server"]

_LARGEST_MESSAGE = 4 << 20


class Server:
    """A web application for one person, with one document.

    Args:
        path: the model to open, and to save to; None begins with an empty one.
        catalogue: what can be run and inserted, and installed.
        engine: what runs extensions and blocks.
        port: the port on 127.0.0.1; 0 takes any that is free.
        largest_upload: bytes of one file that a page may send.

    Attributes:
        url: where the page is. It holds the secret: who knows it is the person.

    Raises:
        FileRefused: the model is none.
        OSError: it cannot be read, or the port is taken.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        catalogue: Catalogue,
        engine: str = "auto",
        port: int = 0,
        largest_upload: int = LARGEST_UPLOAD,
    ) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=64)
        try:
            self._workspace = Workspace(path, engine=engine, catalogue=catalogue)
        except BaseException:
            self._socket.close()
            raise
        bound = self._socket.getsockname()[1]
        secret = secrets.token_urlsafe(32)
        self.url = f"http://127.0.0.1:{bound}/{secret}/"
        self._largest_upload = largest_upload
        self._secret, self._port = secret, bound
        self._server: uvicorn.Server | None = None
        self._stop = False

    @property
    def changed(self) -> bool:
        """Whether the document has changes that were not saved."""
        return self._workspace.changed

    def serve(self, started: Callable[[], object] = lambda: None) -> None:
        """Serve until :meth:`stop`, or until Ctrl-C where this is the main thread.

        Args:
            started: called once the address answers.
        """
        asyncio.run(self._serve(started))

    def stop(self) -> None:
        """End it, from any thread: what is running is cancelled, and nothing is saved."""
        self._stop = True
        if self._server is not None:
            self._server.should_exit = True

    async def _serve(self, started: Callable[[], object]) -> None:
        hub = Hub(self._workspace)
        app = application(
            hub, secret=self._secret, port=self._port, largest_upload=self._largest_upload
        )
        config = uvicorn.Config(
            app,
            access_log=False,  # it would hold the secret
            date_header=False,
            h11_max_incomplete_event_size=16 << 10,
            http="h11",
            limit_concurrency=100,
            log_level="warning",
            loop="asyncio",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=3,
            ws="websockets-sansio",
            ws_max_size=_LARGEST_MESSAGE,
            ws_per_message_deflate=False,  # within one machine it only costs time
        )
        self._server = server = uvicorn.Server(config)
        server.should_exit = self._stop
        started()  # the socket listens already: who comes early waits in its queue
        await server.serve(sockets=[self._socket])
