"""Somebody between a client and a PostgreSQL server, who cuts the line when it matters."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

__all__ = ["Between"]

_COMMIT = b"COMMIT\x00"

Cut = Literal["before", "after"]


class Between:
    """Passes everything on, until it is told to cut a COMMIT. Use it in a ``with`` block.

    Args:
        folder: of the client's socket, which is named as PostgreSQL names it.
        server: the server's socket.
    """

    def __init__(self, folder: Path, server: Path) -> None:
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._cut: Cut | None = None
        self.cuts = 0
        """How many were cut."""
        self.closed = False
        """Whether new connections are refused."""
        self.shut_after_cut = False
        """Whether they are from the next cut on."""

    def cut(self, when: Cut) -> None:
        """Cut the next COMMIT: ``before`` the server hears of it, or ``after`` it answered."""
        self._cut = when

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.closed:
                client.close()
            else:
                self._start(self._pass_on, client)

    def _pass_on(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        self._open |= {client, server}
        with client, server, selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
            server.connect(str(self._server))
            selector.register(client, selectors.EVENT_READ)
            selector.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    data = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    if not data:
                        return
                    if key.fileobj is server:
                        client.sendall(data)
                        continue
                    if self._cut is not None and _COMMIT in data:
                        when, self._cut = self._cut, None
                        self.cuts += 1
                        self.closed = self.shut_after_cut
                        if when == "after":
                            server.sendall(data)
                            assert _COMMIT in server.recv(65_536)
                        return
                    server.sendall(data)
        self._open -= {client, server}
