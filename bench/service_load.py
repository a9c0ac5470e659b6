"""``python -m bench.service_load PORT ORDERS``: asks a service on loopback, and prints how long it
took. A process of its own, which costs little: plain sockets that are kept, and no HTTP library.
"""

from __future__ import annotations

import collections
import json
import selectors
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["request_bytes"]

_PATIENCE = 60.0


def request_bytes(path: str, body: Any, accept: str = "application/json") -> bytes:
    """A request, as it goes over the wire."""
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Accept: {accept}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


class _Connection:
    """One connection, with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""
        self.since = 0.0

    def ask(self, request: bytes, since: float) -> None:
        self.data = b""
        self.since = since
        self.socket.sendall(request)

    def take(self) -> tuple[int, bytes] | None:
        """Read what there is; the status and the body, once they are whole."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError(f"the service hung up after {self.data!r:.200}")
        self.data += part
        head, found, body = self.data.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        size = int(lower[at:].partition(b"\r\n")[0])
        return (int(head[9:12]), body) if len(body) >= size else None


def _once(connection: _Connection, request: bytes) -> tuple[int, bytes]:
    connection.ask(request, time.perf_counter())
    answer = None
    while answer is None:
        answer = connection.take()
    return answer


def _check(answer: tuple[int, bytes], expected: bytes) -> None:
    if answer[0] != 200 or expected not in answer[1]:
        raise RuntimeError(f"a wrong answer: {answer[0]} {answer[1]!r:.500}")


def paced(port: int, order: dict[str, Any]) -> list[float]:
    """So many requests a second, whatever becomes of those before: seconds of each, from when it
    was due.
    """
    request, expected = request_bytes(order["path"], order["body"]), order["expected"].encode()
    total = int(order["rate"] * order["seconds"])
    ready = selectors.DefaultSelector()
    free = collections.deque(_Connection(port) for _ in range(4))
    for one in free:
        _check(_once(one, request), expected)
    seconds: list[float] = []
    began, sent = time.perf_counter(), 0
    while len(seconds) < total:
        now = time.perf_counter()
        due = began + sent / order["rate"]
        if sent < total and now >= due:
            connection = free.popleft() if free else _Connection(port)
            ready.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask(request, due)
            sent += 1
            continue
        pause = max(0.0, due - now) if sent < total else _PATIENCE
        for key, _ in ready.select(pause):
            answer = key.data.take()
            if answer is not None:
                seconds.append(time.perf_counter() - key.data.since)
                _check(answer, expected)
                ready.unregister(key.fileobj)
                free.append(key.data)
    return seconds


def closed(port: int, order: dict[str, Any]) -> list[float]:
    """So many clients, each asking again once it is answered: the rate of each second."""
    request, expected = request_bytes(order["path"], order["body"]), order["expected"].encode()
    ready = selectors.DefaultSelector()
    clients = [_Connection(port) for _ in range(order["clients"])]
    for one in clients:
        _check(_once(one, request), expected)
    for one in clients:
        ready.register(one.socket, selectors.EVENT_READ, one)
        one.ask(request, time.perf_counter())
    began = time.perf_counter()
    times: list[float] = []
    while (now := time.perf_counter()) < began + order["seconds"] or len(times) < len(clients):
        for key, _ in ready.select(max(0.0, began + order["seconds"] - now) or _PATIENCE):
            answer = key.data.take()
            if answer is None:
                continue
            _check(answer, expected)
            times.append(time.perf_counter() - began)
            key.data.ask(request, 0.0)
    windows = max(1, int(order["seconds"]))
    length = max(order["seconds"], times[-1]) / windows
    counts = collections.Counter(min(windows - 1, int(one / length)) for one in times)
    return [counts[number] / length for number in range(windows)]


def serial(port: int, order: dict[str, Any]) -> list[float]:
    """One request after the other, on one connection: seconds of each."""
    request, expected = request_bytes(order["path"], order["body"]), order["expected"].encode()
    connection = _Connection(port)
    _check(_once(connection, request_bytes(order["path"], order["first"])), b'"status":"ok"')
    seconds = []
    for _ in range(order["count"]):
        began = time.perf_counter()
        answer = _once(connection, request)
        seconds.append(time.perf_counter() - began)
        _check(answer, expected)
    return seconds


def streamed(port: int, order: dict[str, Any]) -> list[float]:
    """From when a guest printed, by its own clock, until that is read here. Guest and reader have
    one monotonic clock.
    """
    code = "import time\ntime.sleep(0.02)\nprint(repr(time.monotonic()))\ntime.sleep(0.02)"
    request = request_bytes(order["path"], {"code": code}, "text/event-stream")
    seconds = []
    for _ in range(order["count"]):
        connection = _Connection(port)
        connection.ask(request, 0.0)
        data = b""
        while b"\n\n" not in data.partition(b"event: stdout\n")[2]:
            data += connection.socket.recv(65_536)
        arrived = time.monotonic()
        text = data.partition(b"event: stdout\n")[2].partition(b"data: ")[2].partition(b"\n")[0]
        seconds.append(arrived - float(json.loads(text)["text"]))
        while b"event: result\n" not in data:
            data += connection.socket.recv(65_536)
        connection.socket.close()
    return seconds


def sessions(port: int, order: dict[str, Any]) -> list[float]:
    """Make sessions that stay alive: seconds of each."""
    connection = _Connection(port)
    seconds = []
    for number in range(order["count"]):
        body = {"code": f"mine = {number}; mine", "session_id": f"crowd-{number}"}
        began = time.perf_counter()
        answer = _once(connection, request_bytes("/v1/execute", body))
        seconds.append(time.perf_counter() - began)
        _check(answer, f'"value":{number},'.encode())
    return seconds


_WAYS: dict[str, Callable[[int, dict[str, Any]], list[float]]] = {
    one.__name__: one for one in (paced, closed, serial, streamed, sessions)
}


def main() -> None:
    """Do what is ordered, in order; print a list of figures for each."""
    port, orders = int(sys.argv[1]), json.loads(sys.argv[2])
    print(json.dumps([_WAYS[order["way"]](port, order) for order in orders]))


if __name__ == "__main__":
    main()
