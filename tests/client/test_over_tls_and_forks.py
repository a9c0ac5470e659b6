"""The remote engine and the clients over TLS, and in a process that forks."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import ringfence
from ringfence.client.retrying import Patience
from ringfence.errors import ServiceUnavailable
from tests.server.process import ServiceProcess


def certificate(folder: Path) -> tuple[Path, Path]:
    """Files with a certificate for 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    there, secret = folder / "certificate.pem", folder / "key.pem"
    there.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return there, secret


class Terminator:
    """Takes TLS connections, and passes on what is in them: what stands before a service."""

    def __init__(self, address: tuple[str, int], there: Path, secret: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(there, secret)
        self._address = address
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            # Nobody waits for it: a connection that is kept for the next guest may outlive the test.
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            plain,
            contextlib.suppress(OSError),
            self._context.wrap_socket(plain, server_side=True) as outer,
            socket.create_connection(self._address) as inner,
        ):
            while True:
                ready = [outer] if outer.pending() else select.select([outer, inner], [], [])[0]
                for one in ready:
                    data = one.recv(65_536)
                    if not data:
                        return
                    (inner if one is outer else outer).sendall(data)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._accepting.join(30)


@pytest.fixture
def over_tls(running: ServiceProcess, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The service behind TLS: its address, and the certificate to trust."""
    there, secret = certificate(tmp_path)
    before = Terminator(running.address, there, secret)
    yield before.url, there
    before.close()


def test_guests_and_runs_over_tls(
    over_tls: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, there = over_tls
    strange = ringfence.RemoteEngine(url)
    assert strange.availability().walls == ()
    (reason,) = strange.availability().missing.values()
    assert "certificate verify failed" in reason
    with (
        ringfence.Client(url, patience=Patience(attempts=1)) as client,
        pytest.raises(ServiceUnavailable, match="certificate verify failed"),
    ):
        client.run("1")
    monkeypatch.setenv("SSL_CERT_FILE", str(there))
    with ringfence.Sandbox(engine=ringfence.RemoteEngine(url)) as box:
        assert box.run("data[-1], len(data)", inputs={"data": b"x" * 3_000_000}).value == (
            120,
            3_000_000,
        )
        assert len(box.run("b'y' * 3_000_000").value) == 3_000_000
    with ringfence.Client(url) as client:
        assert client.run("6 * 7").value == 42


def test_a_fork_leaves_the_guest_to_its_parent(running: ServiceProcess) -> None:
    with ringfence.Sandbox(engine=running.url) as box:
        assert box.run("x = 41").ok
        child = os.fork()
        if not child:
            code = 1
            try:
                try:
                    box.run("x")
                except ringfence.SandboxClosed:
                    code = 0 if ringfence.run("1", engine=running.url).value == 1 else 2
                box.close()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert box.run("x + 1").value == 42
