"""The door: what is not let in, and that what is let in is counted while it comes."""

import socket
import struct
from collections.abc import Iterator

import pytest

from tests.server.process import ServiceProcess, head, read_reply

HERE = {"Host": "127.0.0.1"}
JSON = {**HERE, "Content-Type": "application/json"}


def send(service: ServiceProcess, *parts: bytes) -> socket.socket:
    connection = service.connect()
    for part in parts:
        connection.sendall(part)
    return connection


# --- who may ask -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:80", "10.0.0.7", "sandbox.example",
        "sandbox.example:443",
    ],
)  # fmt: skip
def test_names_of_ours_and_addresses_are_answered(plain: ServiceProcess, host: str) -> None:
    assert plain.ask("GET", "/health", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "localhost.",
        "sandbox.example.", "127.0.0.1:8000:1", "127.0.0.1:x", "[::1", "::1", "[127.0.0.1]",
        "0x7f000001", "2130706433", "127.1", "a@localhost", "localhost, evil.example",
    ],
)  # fmt: skip
def test_another_name_is_refused(plain: ServiceProcess, host: str) -> None:
    reply = plain.ask("GET", "/health", headers={"Host": host})
    assert (reply.status, reply.problem) == (421, "host")


def test_two_hosts_or_none_are_none(plain: ServiceProcess) -> None:
    twice = b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"
    none = b"GET /health HTTP/1.0\r\n\r\n"
    for request in (twice, none):
        with send(plain, request) as connection:
            assert read_reply(connection).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Origin": "https://app.example.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_origin_may_not_ask(
    plain: ServiceProcess, headers: dict[str, str]
) -> None:
    reply = plain.ask("POST", "/v1/plugins/ridges/title", {"seed": 1}, headers)
    assert (reply.status, reply.problem) == (403, "origin")
    assert "access-control-allow-origin" not in reply.headers


def test_a_page_that_the_operator_named_may(plain: ServiceProcess) -> None:
    origin = {"Origin": "https://app.example"}
    preflight = plain.ask("OPTIONS", "/v1/plugins/ridges/title", headers=origin)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    reply = plain.ask("GET", "/v1/plugins", headers=origin)
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "https://app.example"
    assert reply.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in reply.headers


def test_a_websocket_meets_the_same_door(plain: ServiceProcess) -> None:
    upgrade = {
        "Host": "127.0.0.1", "Origin": "https://evil.example", "Connection": "Upgrade",
        "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }  # fmt: skip
    with send(plain, head("GET", "/v1/guests", upgrade)) as connection:
        assert read_reply(connection).status == 403
    with send(plain, head("GET", "/v1/guests", {**upgrade, "Host": "evil"})) as connection:
        assert read_reply(connection).status == 421


# --- how it answers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"), [("/health", 200), ("/nothing", 404), ("/openapi.json", 200)]
)
def test_every_answer_is_no_page_and_has_an_id(
    plain: ServiceProcess, path: str, status: int
) -> None:
    reply = plain.ask("GET", path)
    assert reply.status == status
    assert len(reply.headers["x-request-id"]) == 16
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in reply.headers


def test_a_problem_names_its_request(plain: ServiceProcess) -> None:
    reply = plain.ask("PATCH", "/v1/plugins")
    assert (reply.status, reply.problem) == (405, "method")
    assert reply.json["instance"] == f"urn:ringfence:request:{reply.headers['x-request-id']}"


# --- how much ----------------------------------------------------------------------------------


def test_a_body_of_100_mb_is_refused_before_it_is_sent(plain: ServiceProcess) -> None:
    request = head("POST", "/v1/plugins/ridges/title", {**JSON, "Content-Length": "100000000"})
    with send(plain, request) as connection:
        reply = read_reply(connection)
    assert (reply.status, reply.problem) == (413, "too-large")
    assert reply.json["errors"] == [
        {"field": "body", "expected": "at most 262144 bytes", "got": "100000000 bytes"}
    ]


def test_who_waits_to_be_told_to_go_on_is_told_not_to(plain: ServiceProcess) -> None:
    headers = {**JSON, "Content-Length": "100000000", "Expect": "100-continue"}
    with send(plain, head("POST", "/v1/plugins/ridges/title", headers)) as connection:
        assert read_reply(connection).status == 413


def test_who_sends_all_of_100_mb_gets_the_answer(plain: ServiceProcess) -> None:
    request = head("POST", "/v1/plugins/ridges/title", {**JSON, "Content-Length": "100000000"})
    with send(plain, request) as connection:
        part = bytes(1_000_000)
        for _ in range(100):
            connection.sendall(part)
        assert read_reply(connection).status == 413
        connection.sendall(head("GET", "/health", HERE))
        assert read_reply(connection).status == 200


@pytest.mark.parametrize("kind", ["application/json", "application/x-ringfence-frame", "text/x"])
def test_a_chunked_body_is_counted_while_it_comes(plain: ServiceProcess, kind: str) -> None:
    headers = {**HERE, "Content-Type": kind, "Transfer-Encoding": "chunked"}
    with send(plain, head("POST", "/v1/plugins/ridges/title", headers)) as connection:
        chunk = b"2000\r\n" + b"[" * 0x2000 + b"\r\n"
        for _ in range(33):
            connection.sendall(chunk)
        reply = read_reply(connection)
    assert (reply.status, reply.problem) == (413, "too-large")


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        (b"[" * 65 + b"]" * 65, 422, "malformed"),
        (b"[" * 15_000, 422, "malformed"),
        (b"[" * 30_000, 413, "too-large"),
        (b'{"seed": [' + b"[]," * 30_000 + b"1]}", 413, "too-large"),
        (b'["' * 100_000, 413, "too-large"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, 422, "malformed"),
        (b'{"seed": ' + b"9" * 5_000 + b"}", 422, "malformed"),
        ('{"seed": 1}'.encode("utf-16"), 400, "malformed"),
        (b'{"seed": 1', 400, "malformed"),
        (b"", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"seed": NaN}', 400, "malformed"),
        (b'{"seed": 1, "seed": 2}', 400, "malformed"),
        (b"[1, 2]", 422, "malformed"),
        (b'{"seed": "1"}', 422, "malformed"),
        (b'{"sed": 1}', 422, "malformed"),
        (b'{"seed": 1, "\\ud800": 2}', 422, "malformed"),
    ],
)
def test_what_is_no_json_to_read_is_told_so(
    plain: ServiceProcess, body: bytes, status: int, name: str
) -> None:
    reply = plain.ask("POST", "/v1/plugins/ridges/title", body)
    assert (reply.status, reply.problem) == (status, name)


def test_brackets_in_texts_are_none(plain: ServiceProcess) -> None:
    reply = plain.ask("POST", "/v1/plugins/ridges/title", {"seed": 1, "x" * 10: "[{," * 5_000})
    assert (reply.status, reply.problem) == (422, "malformed")
    assert "has no argument" in reply.json["detail"]


def test_what_does_not_say_that_it_is_json_is_looked_over_as_well(plain: ServiceProcess) -> None:
    body = b'{"code": "1", "inputs": {"a": [' + b"[]," * 30_000 + b"1]}}"
    for kind in ("text/plain", "application/octet-stream", "application/x-ringfence-frame", "x"):
        reply = plain.ask("POST", "/v1/execute", body, {"Content-Type": kind})
        assert (reply.status, reply.problem) == (413, "too-large"), kind


def test_a_size_that_is_a_long_text_is_refused_at_once(plain: ServiceProcess) -> None:
    limits = {"memory": "1" + " " * 200_000 + "!"}
    reply = plain.ask("POST", "/v1/execute", {"code": "1", "limits": limits})
    assert reply.status == 422
    assert len(reply.body) < 2_000


def test_large_bodies_of_one_tenant_are_not_all_held(plain: ServiceProcess) -> None:
    headers = {**JSON, "Content-Length": "210000"}
    part = b'"' + b"a" * 200_000
    first = send(plain, head("POST", "/v1/plugins/ridges/title", headers), part)
    second = send(plain, head("POST", "/v1/plugins/ridges/title", headers), part)
    with first, second:
        assert plain.ask("POST", "/v1/plugins/ridges/title", {"seed": 4}).status == 200
        statuses = sorted(read_reply(one).status for one in (first, second))
    assert statuses == [408, 503]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/health?" + "a" * 2_001, 414), ("/" + "a" * 2_001, 414), ("/health?" + "a" * 1_990, 200)],
)
def test_a_long_path_or_query_is_refused(plain: ServiceProcess, path: str, status: int) -> None:
    assert plain.ask("GET", path).status == status


def test_headers_are_counted(plain: ServiceProcess) -> None:
    for request in (
        head("GET", "/health", {**HERE, "X-Long": "a" * 40_000}),
        head("GET", "/health", {**HERE, **{f"X-{n}": "a" for n in range(101)}}),
        head("GET", "/" + "a" * 40_000, HERE),
    ):
        with send(plain, request) as connection:
            reply = read_reply(connection)
            assert (reply.status, reply.problem) == (431, "too-large")
            assert connection.recv(1) == b""


def test_headers_that_do_not_end_are_not_kept(plain: ServiceProcess) -> None:
    with (
        send(plain, b"GET /health HTTP/1.1\r\nX-Long: ") as connection,
        pytest.raises(ConnectionError),
    ):
        for _ in range(1_000):
            connection.sendall(b"a" * 65_536)
        raise AssertionError("64 MB of a header were taken")


def test_trailers_that_do_not_end_are_not_kept(plain: ServiceProcess) -> None:
    headers = {**JSON, "Transfer-Encoding": "chunked"}
    request = head("POST", "/v1/plugins/ridges/title", headers) + b"0\r\n"
    for trailer in (b"X-A: b\r\n" * 5_000, b"a" * 40_000):
        with send(plain, request, b"X-B: ") as connection, pytest.raises(ConnectionError):
            for _ in range(1_000):
                connection.sendall(trailer)
            raise AssertionError("40 MB of trailers were taken")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"CONNECT evil:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_so_and_ended(plain: ServiceProcess, request_bytes: bytes) -> None:
    with send(plain, request_bytes) as connection:
        reply = read_reply(connection)
        assert reply.status in (400, 404)  # nothing is upgraded to: that one is a request
        assert reply.headers["content-type"] == "application/problem+json"


# --- how fast ----------------------------------------------------------------------------------


def test_headers_that_do_not_come_end_the_connection(plain: ServiceProcess) -> None:
    for begun in (b"", b"GET /hea", b"\r\n\r\n"):
        with send(plain, begun) as connection:
            assert connection.recv(1) == b""


def test_a_body_that_does_not_come_is_told_so(plain: ServiceProcess) -> None:
    for kind in ("application/json", "application/x-ringfence-frame"):
        headers = {**HERE, "Content-Type": kind, "Content-Length": "100"}
        request = head("POST", "/v1/plugins/ridges/title", headers)
        with send(plain, request, b'{"seed"') as connection:
            reply = read_reply(connection)
            assert (reply.status, reply.problem) == (408, "too-slow")
            assert connection.recv(1) == b""


def test_who_has_nothing_more_to_say_is_answered(plain: ServiceProcess) -> None:
    body = b'{"seed": 7}'
    request = head("POST", "/v1/plugins/ridges/title", {**JSON, "Content-Length": str(len(body))})
    with send(plain, request + body) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert read_reply(connection).json["value"] == "world 7"
        assert connection.recv(1) == b""


def test_who_stops_in_the_middle_of_a_request_is_left(plain: ServiceProcess) -> None:
    request = head("POST", "/v1/plugins/ridges/title", {**JSON, "Content-Length": "100"})
    for sent in (request + b"{", request[:30]):
        with send(plain, sent) as connection:
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(65_536) == b""


def test_who_resets_the_connection_harms_nobody(plain: ServiceProcess) -> None:
    request = head("POST", "/v1/plugins/ridges/title", {**JSON, "Content-Length": "11"})
    for _ in range(20):
        connection = send(plain, request + b'{"seed": 7}')
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    assert plain.ask("POST", "/v1/plugins/ridges/title", {"seed": 8}).json["value"] == "world 8"


def test_who_does_not_read_is_given_up(plain: ServiceProcess) -> None:
    with plain.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.settimeout(30)
        request = head("GET", "/openapi.json", HERE)
        with pytest.raises(OSError):
            while True:
                connection.sendall(request)


@pytest.fixture
def crowd(plain: ServiceProcess) -> Iterator[list[socket.socket]]:
    crowd: list[socket.socket] = []
    yield crowd
    for one in crowd:
        one.close()


def test_a_crowd_that_says_nothing_keeps_nobody_out(
    plain: ServiceProcess, crowd: list[socket.socket]
) -> None:
    for _ in range(120):
        crowd.append(plain.connect())
    assert plain.ask("GET", "/health").status == 200


def test_a_crowd_that_does_not_end_what_it_says_keeps_nobody_out(
    plain: ServiceProcess, crowd: list[socket.socket]
) -> None:
    request = head("POST", "/v1/plugins/ridges/title", {**JSON, "Content-Length": "100"})
    for _ in range(120):
        crowd.append(send(plain, request))
    assert plain.ask("GET", "/health").status == 200


def test_requests_in_a_row_on_one_connection_are_answered_in_order(plain: ServiceProcess) -> None:
    paths = ["/health", "/nothing", "/v1/plugins"]
    with send(plain, b"".join(head("GET", path, HERE) for path in paths)) as connection:
        data = b""
        while data.count(b"HTTP/1.1 ") < 3 or not data.endswith(b"}"):
            data += connection.recv(65_536)
    statuses = [int(one[:3]) for one in data.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 404, 200]
