"""deploy/proxy/nginx.conf: the real nginx in front of a real service, over TLS."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from websockets.sync.client import connect

from ringfence.model.guest_link import PATH, SUBPROTOCOL
from scripts.nginx import program
from tests.server.operations.towns import make_keys
from tests.server.process import Reply, ServiceProcess, head, read_reply, service
from tests.support.levels import HERE

NAME = "sandbox.example"


class Front(NamedTuple):
    served: ServiceProcess
    key: dict[str, str]
    port: int
    trust: ssl.SSLContext

    def connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        return self.trust.wrap_socket(plain, server_hostname=NAME)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> ssl.SSLSocket:
        given = {"Host": NAME, "Content-Length": str(len(body)), **headers}
        connection = self.connect()
        connection.sendall(head(method, path, given) + body)
        return connection

    def ask(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        method = "GET" if body is None else "POST"
        given = {"Content-Type": "application/json", **(self.key if headers is None else headers)}
        data = b"" if body is None else json.dumps(body).encode()
        with self.send(method, path, data, given) as connection:
            return read_reply(connection)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    if program() is None:
        reason = "there is no nginx (make proxy)"
        if os.environ.get("RINGFENCE_REQUIRE_NGINX"):
            pytest.fail(reason)
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("front")
    (key,) = make_keys(home, "acme").values()
    with service(home, names=NAME) as served:
        certificate, secret = home / "certificate.pem", home / "certificate.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
             "-keyout", secret, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        with _nginx(home, served.address[1], certificate, secret) as port:
            yield Front(served, key, port, ssl.create_default_context(cafile=certificate))


@contextlib.contextmanager
def _nginx(home: Path, behind: int, certificate: Path, secret: Path) -> Iterator[int]:
    """The file that is delivered, with ports and paths of this test's own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    text = (HERE / "deploy" / "proxy" / "nginx.conf").read_text()
    for there, here in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{behind};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/sandbox.example.pem", str(certificate)),
        ("/etc/ssl/private/sandbox.example.key", str(secret)),
    ):
        assert text.count(there) == 1
        text = text.replace(there, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "\n".join(f"{kind}_temp_path {home}/{kind};" for kind in kinds)
    whole = home / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    whole.write_text(
        f"daemon off;\n{user}pid {home}/nginx.pid;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{folders}\n{text}}}\n"
    )
    nginx = program()
    assert nginx is not None
    command: list[str | Path] = [nginx, "-p", home, "-e", "stderr", "-c", whole]
    tested = subprocess.run([*command, "-t"], check=False, text=True, capture_output=True)
    assert tested.returncode == 0, tested.stderr
    (home / "nginx.pid").unlink(missing_ok=True)  # trying a configuration leaves one
    running = subprocess.Popen(command)
    try:
        while not (home / "nginx.pid").exists():  # it listens by then
            assert running.poll() is None
        yield port
    finally:
        running.terminate()
        running.wait(30)


def test_who_has_a_key_works_through_it(front: Front) -> None:
    reply = front.ask("/v1/execute", {"code": "6 * 7"})
    assert (reply.status, reply.json["value"]) == (200, 42)


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}],
)  # fmt: skip
def test_nobody_is_of_this_machine_whatever_he_says(front: Front, headers: dict[str, str]) -> None:
    assert front.ask("/v1/execute", {"code": "1"}, headers).problem == "unauthorized"


def test_metrics_are_not_for_the_world(front: Front) -> None:
    assert front.ask("/metrics").status == 404
    assert front.served.ask("GET", "/metrics").status == 200


def test_large_bodies_reach_the_service(front: Front) -> None:
    code = "#" * (3 << 20) + "\n1"
    assert front.ask("/v1/execute", {"code": code}).json["value"] == 1


def test_what_is_printed_comes_while_the_run_goes_on(front: Front) -> None:
    body = json.dumps({"code": "print('begun', flush=True)\nwhile True: pass"}).encode()
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream", **front.key}
    with front.send("POST", "/v1/execute", body, headers) as connection:
        data = b""
        while b"begun" not in data:
            more = connection.recv(65_536)
            assert more, data
            data += more
        assert b"event: result" not in data


def test_guests_are_lent_through_it(front: Front) -> None:
    with connect(
        f"wss://{NAME}{PATH}",
        sock=socket.create_connection(("127.0.0.1", front.port), timeout=60),
        ssl=front.trust,
        subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
        additional_headers=front.key,
        compression=None,
        proxy=None,
        close_timeout=1,
    ) as link:
        assert json.loads(link.recv(30))["type"] == "hello"


def test_another_name_is_not_the_service_s(front: Front) -> None:
    """Were the name that the client asked for not handed on, each request would be refused."""
    given = {"Host": "elsewhere.example", **front.key}
    with front.send("GET", "/v1/sessions", b"", given) as connection:
        assert read_reply(connection).problem == "host"


class _Tunnel(socketserver.ThreadingTCPServer):
    """Bytes to and fro, and nothing of its own: what no service can see."""

    daemon_threads = True

    def __init__(self, behind: tuple[str, int]) -> None:
        self.behind = behind
        super().__init__(("127.0.0.1", 0), _Passing)


class _Passing(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        tunnel: _Tunnel = self.server  # type: ignore[assignment]
        with socket.create_connection(tunnel.behind) as behind:
            back = threading.Thread(target=_pass, args=(behind, self.request))
            back.start()
            _pass(self.request, behind)
            back.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(("anonymous", "statuses"), [("true", (200, 200)), ("false", (401, 200))])
def test_a_tunnel_is_believed_to_be_of_this_machine(
    tmp_path: Path, anonymous: str, statuses: tuple[int, int]
) -> None:
    with service(tmp_path, anonymous=anonymous) as served, _Tunnel(served.address) as tunnel:
        thread = threading.Thread(target=tunnel.serve_forever)
        thread.start()
        try:
            told = []
            for path, body in (("/v1/execute", b'{"code": "1"}'), ("/metrics", b"")):
                given = {"Host": "localhost", "Content-Length": str(len(body))}
                given["Content-Type"] = "application/json"
                with socket.create_connection(tunnel.server_address[:2], timeout=60) as connection:  # type: ignore[arg-type]
                    connection.sendall(head("POST" if body else "GET", path, given) + body)
                    told.append(read_reply(connection).status)
        finally:
            tunnel.shutdown()
            thread.join()
    assert tuple(told) == statuses
