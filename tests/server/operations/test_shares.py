"""What is shared at the door: nobody uses it up, with a key or without one."""

import json
import select
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.server.hatchery import Hatchery, Server, hatchery
from tests.server.process import Reply, head, read_reply, service

JSON = {"Host": "127.0.0.1", "Content-Type": "application/json"}
UPGRADE = {
    "Host": "127.0.0.1", "Connection": "Upgrade", "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Protocol": "ringfence.guest.v1",
}  # fmt: skip


class Crowded(NamedTuple):
    """A server, and the headers of two tenants."""

    server: Server
    acme: dict[str, str]
    bolt: dict[str, str]

    def asks(self, who: dict[str, str], body: Mapping[str, object]) -> Reply:
        return self.server.ask("POST", "/v1/execute", body, who)


@pytest.fixture(scope="module")
def hatched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    with hatchery(tmp_path_factory.mktemp("shares")) as made:
        yield made


@pytest.fixture(scope="module")
def crowded(hatched: Hatchery) -> Iterator[Crowded]:
    """Room for 80 connections and 32 MiB of answers; nothing ends by itself."""
    acme, bolt = hatched.make_keys("acme", "bolt")
    with hatched.server(
        connections="80",
        guests_per_tenant="2",
        answers_bytes=str(32 << 20),
    ) as server:
        yield Crowded(server, acme, bolt)


@pytest.fixture
def begun(crowded: Crowded) -> Iterator[Callable[..., socket.socket]]:
    """Begins a request to run code, of so many bytes that are not all sent."""
    with ExitStack() as closing:

        def begin(headers: dict[str, str], size: int, sent: int = 0) -> socket.socket:
            connection = closing.enter_context(crowded.server.connect())
            told = {**JSON, **headers, "Content-Length": str(size)}
            connection.sendall(head("POST", "/v1/execute", told) + b" " * sent)
            return connection

        yield begin


def first_answer(connections: list[socket.socket]) -> Reply:
    """Of the one that is answered first."""
    ready, _, _ = select.select(connections, [], [], 60)
    connections.remove(ready[0])
    return read_reply(ready[0])


def test_nobody_is_told_so_before_a_body_is_read(
    crowded: Crowded, begun: Callable[..., socket.socket]
) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}):
        reply = read_reply(begun(headers, 1 << 20))
        assert (reply.status, reply.problem) == (401, "unauthorized")


def test_who_has_no_key_keeps_nobody_out(
    crowded: Crowded, begun: Callable[..., socket.socket]
) -> None:
    for _ in range(160):
        begun({}, 100)
    assert crowded.asks(crowded.bolt, {"code": "1"}).status == 200


def test_one_tenants_requests_keep_no_other_out(
    crowded: Crowded, begun: Callable[..., socket.socket]
) -> None:
    held = [begun(crowded.acme, 100) for _ in range(41)]
    reply = first_answer(held)
    assert (reply.status, reply.problem) == (503, "overloaded")
    assert crowded.asks(crowded.bolt, {"code": "1"}).status == 200


def test_one_tenants_websockets_keep_no_other_out(crowded: Crowded) -> None:
    with ExitStack() as closing:

        def upgraded(headers: dict[str, str]) -> int:
            connection = closing.enter_context(crowded.server.connect())
            connection.sendall(head("GET", "/v1/guests", {**UPGRADE, **headers}))
            return int(connection.recv(65_536)[9:12])

        assert [upgraded(crowded.acme) for _ in range(12)] == [101] * 10 + [503] * 2
        assert upgraded(crowded.bolt) == 101
        assert upgraded({}) == 401


def test_answers_that_one_tenant_does_not_take_end_no_others(
    crowded: Crowded, begun: Callable[..., socket.socket]
) -> None:
    def idle(who: dict[str, str], size: int) -> socket.socket:
        body = json.dumps({"code": f"'a' * {size}"}).encode()
        connection = begun(who, len(body))
        connection.sendall(body)
        assert connection.recv(12) == b"HTTP/1.1 200"
        return connection

    slow = idle(crowded.bolt, 13_000_000)
    crowd = [idle(crowded.acme, 12_000_000) for _ in range(6)]
    assert taken(slow) > 13_000_000
    whole = {taken(one) > 12_000_000 for one in crowd}
    assert whole == {True, False}


def taken(connection: socket.socket, least: int = 0) -> int:
    """How many bytes come until the answer or the connection ends; of several, at least so many."""
    size = 0
    try:
        while part := connection.recv(1 << 20):
            size += len(part)
            if part.endswith(b"}") and size >= least:
                break
    except ConnectionError:
        pass
    return size


def test_an_answer_waits_for_the_one_before_it(
    crowded: Crowded, begun: Callable[..., socket.socket]
) -> None:
    body = json.dumps({"code": "'a' * 12_000_000"}).encode()
    told = {**JSON, **crowded.acme, "Content-Length": str(len(body))}
    with crowded.server.connect() as connection:
        connection.sendall((head("POST", "/v1/execute", told) + body) * 2)
        assert taken(connection, 24_000_000) > 24_000_000


def test_clients_that_leave_are_no_faults(tmp_path: Path) -> None:
    with service(tmp_path) as server:
        for path, kind in (
            ("/v1/execute", "application/json"),
            ("/v1/sessions/restore", "application/octet-stream"),
        ):
            headers = {**JSON, "Content-Type": kind, "Transfer-Encoding": "chunked"}
            for part in (b"5\r\nabcde\r\n", b"5\r\nabcde\r\nzz\r\n"):
                connection = server.connect()
                connection.sendall(head("POST", path, headers) + part)
                assert server.ask("GET", "/health").status == 200
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
        for headers in ({"Host": "evil"}, {"Origin": "https://evil.example"}):
            with server.connect() as connection:
                connection.sendall(head("GET", "/v1/guests", {**UPGRADE, **headers}))
                assert read_reply(connection).status in (403, 421)
        assert server.ask("GET", "/health").status == 200
        assert server.stop() == 0
    assert [one for one in server.log if '"error"' in one or "Traceback" in one] == []
