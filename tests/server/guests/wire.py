"""A client of a lent guest that says what it likes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from ringfence.model.guest_link import PATH, SUBPROTOCOL

__all__ = ["LIMITS", "WISH", "Wire", "wire"]

PATIENCE = 30.0
WALLS = [["landlock", "namespaces", "seccomp"]]
LIMITS = {
    "fuel": None,
    "steps": None,
    "memory": 64 << 20,
    "threads": 2,
    "disk": 1 << 20,
    "files": 10,
}
WISH = {"packages": [], "walls": WALLS, "deterministic": False, "limits": LIMITS}


class Wire:
    """One WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, kind: str, /, **content: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **content}))

    def hear(self) -> tuple[str, Any]:
        """The next message: its type and the rest, or ``bytes`` and them."""
        message = self.socket.recv(PATIENCE)
        if isinstance(message, bytes):
            return "bytes", message
        told = json.loads(message)
        return told.pop("type"), told

    def hear_until(self, kind: str) -> Any:
        """The next message of a type; others before it are dropped."""
        while True:
            got, told = self.hear()
            if got == kind:
                return told

    def hear_any(self, *kinds: str) -> tuple[str, Any]:
        """The next message of some types; others before it are dropped."""
        while True:
            got, told = self.hear()
            if got in kinds:
                return got, told

    def begin(self, **wish: Any) -> None:
        """Have a guest."""
        assert self.hear()[0] == "hello"
        self.say("open", **{**WISH, **wish})
        got, told = self.hear()
        assert got == "image", told
        self.say("start", limits=LIMITS)
        got, told = self.hear()
        assert got == "started", told

    def end(self) -> tuple[int, str]:
        """How the service closed it: code and reason; what it said before is dropped."""
        try:
            while True:
                self.socket.recv(PATIENCE)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, closed
            return closed.rcvd.code, closed.rcvd.reason


@contextmanager
def wire(url: str, key: str = "", engine: str = "") -> Iterator[Wire]:
    """A connection to the service there."""
    asked = f"?engine={engine}" if engine else ""
    with connect(
        f"ws{url.removeprefix('http')}{PATH}{asked}",
        subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
        additional_headers={"Authorization": f"Bearer {key}"} if key else None,
        compression=None,
        proxy=None,
        close_timeout=1,
    ) as socket:
        yield Wire(socket)
