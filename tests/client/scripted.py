"""A service that answers what a test says, one connection after the other."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ringfence.model import Result
from ringfence.model.as_json import packed, result_as_json

__all__ = ["REPLY", "Scripted", "answer", "event", "events", "problem", "scripted"]

REPLY = {
    **result_as_json(Result(status="ok", value=42, engine="native")),
    "run_id": "run_1",
    "session": None,
}

Step = bytes | Callable[[socket.socket], None]


def answer(body: Any, status: int = 200, **headers: str) -> bytes:
    """An answer, whole."""
    data = body if isinstance(body, bytes) else packed(body)
    lines = [f"HTTP/1.1 {status} Said", f"content-length: {len(data)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + data


def problem(name: str, status: int, **headers: str) -> bytes:
    """A problem, as a service tells it."""
    told = {
        "type": f"urn:ringfence:problem:{name}",
        "title": "t",
        "status": status,
        "detail": f"it is {name}",
    }
    return answer(told, status, **headers)


def event(number: int, kind: str, data: Any) -> bytes:
    """An event of run_1."""
    return b"id: run_1.%d\nevent: %s\ndata: %s\n\n" % (number, kind.encode(), packed(data))


def events(*said: bytes) -> bytes:
    """A stream of events that breaks off after these."""
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    return head + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in said)


class Scripted:
    """What was asked, in its order.

    Attributes:
        url: where it is.
        asked: the requests: method, path, headers, body.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._steps = list(steps)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        for step in self._steps:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self._read(connection)
                if callable(step):
                    step(connection)
                else:
                    connection.sendall(step)

    def _read(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65_536)
            if not more:
                return
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65_536)
        method, path, _ = first.split(" ")
        self.asked.append((method, path, headers, body))

    @property
    def keys(self) -> list[str | None]:
        """The idempotency keys that came."""
        return [headers.get("idempotency-key") for _, _, headers, _ in self.asked]

    def bodies(self) -> list[Any]:
        """The bodies that came."""
        return [json.loads(body) for _, _, _, body in self.asked]


@contextlib.contextmanager
def scripted(*steps: Step) -> Iterator[Scripted]:
    """A service of so many connections."""
    one = Scripted(steps)
    try:
        yield one
    finally:
        with contextlib.suppress(OSError):
            one._socket.shutdown(socket.SHUT_RDWR)
        one._socket.close()
        one.thread.join(30)
        assert not one.thread.is_alive()
