"""A real service in a process of its own, and what a client of bytes says to it."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from ringfence.cli.app import app

PATIENCE = 60.0


class Reply(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The name of the problem that it is."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert self.json["status"] == self.status
        return str(self.json["type"]).removeprefix("urn:ringfence:problem:")


class ServiceProcess:
    """``ringfence serve``, as an operator starts it."""

    def __init__(
        self, home: Path, *, program: Sequence[str] = ("-m", "ringfence", "serve"), **settings: str
    ) -> None:
        self.home = home
        self.settings = settings
        self.log: list[str] = []
        kept = {key: one for key, one in os.environ.items() if not key.startswith("RINGFENCE_")}
        kept |= {key: one for key, one in os.environ.items() if key.startswith("RINGFENCE_TEST")}
        environment = {
            **kept,
            "RINGFENCE_DATABASE": f"sqlite:///{home / 'service.db'}",
            "RINGFENCE_PORT": "0",
            "XDG_DATA_HOME": str(home),
            "PYTHONUNBUFFERED": "1",
            **{name if name.isupper() else f"RINGFENCE_{name.upper()}": one
               for name, one in settings.items()},
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, *program],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=home,
        )
        self._reading = threading.Event()
        self._reading.set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.process.wait(PATIENCE)
            self._reader.join(PATIENCE)
        else:
            parsed = urllib.parse.urlsplit(self.url)
            self.address = str(parsed.hostname), int(parsed.port or 0)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._reading.wait(PATIENCE)
            self.log.append(line.rstrip("\n"))

    def pause_reading(self) -> None:
        """Read its log no more."""
        self._reading.clear()

    def go_on_reading(self) -> None:
        """Read it again."""
        self._reading.set()

    def events(self) -> list[dict[str, Any]]:
        """What it has logged, once it has ended."""
        self._reader.join(PATIENCE)
        return [json.loads(one) for one in self.log if one.startswith("{")]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it, and say how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        """It has ended: read what it left."""
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdout.close()
        self.process.stderr.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=PATIENCE)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request on a connection of its own."""
        with self.connect() as connection:
            given = {"Host": f"127.0.0.1:{self.address[1]}", **(headers or {})}
            data = b""
            if body is not None:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                given.setdefault("Content-Type", "application/json")
                given.setdefault("Content-Length", str(len(data)))
            connection.sendall(head(method, path, given) + data)
            return read_reply(connection)


@contextlib.contextmanager
def service(
    home: Path, *, program: Sequence[str] = ("-m", "ringfence", "serve"), **settings: str
) -> Iterator[ServiceProcess]:
    """A service that answers, until the end of the block."""
    running = ServiceProcess(home, program=program, **settings)
    try:
        assert running.url, "\n".join(running.log)
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
        running.close()


def start_in_vain(
    home: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> tuple[int, str]:
    """The command in this process: how it ended, and what it said."""
    for name in [*os.environ]:
        if name.startswith("RINGFENCE_") and not name.startswith("RINGFENCE_TEST"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RINGFENCE_DATABASE", f"sqlite:///{home / 'service.db'}")
    for name, value in settings.items():
        monkeypatch.setenv(name if name.isupper() else f"RINGFENCE_{name.upper()}", value)
    done = CliRunner().invoke(app, ["serve", "--port", "0"])
    return done.exit_code, done.stderr


def run(running: ServiceProcess, code: str, **more: object) -> dict[str, object]:
    reply = running.ask("POST", "/v1/execute", {"code": code, **more})
    assert reply.status == 200, reply
    return dict(reply.json)


def begin(running: ServiceProcess, code: str, **more: object) -> socket.socket:
    """A run whose first line has come; the connection that its events come over."""
    body = json.dumps({"code": code, **more}).encode()
    connection = running.connect()
    headers = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Accept": "text/event-stream",
        "Connection": "close",
        "Content-Length": str(len(body)),
    }
    connection.sendall(head("POST", "/v1/execute", headers) + body)
    data = b""
    while b"event: stdout" not in data:
        more_data = connection.recv(65_536)
        assert more_data, data
        data += more_data
    return connection


def rest(connection: socket.socket) -> str:
    data = b""
    with connection:
        while more := connection.recv(65_536):
            data += more
    return data.decode()


def head(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {one}" for name, one in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def read_reply(connection: socket.socket) -> Reply:
    """Read one answer; a connection that ends before is an error."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            raise ConnectionError(f"it ended after {data!r}")
        data += more
    first, _, body = data.partition(b"\r\n\r\n")
    lines = first.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): one.strip() for name, _, one in (line.partition(":") for line in lines[1:])
    }
    found = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", lines[0])
    assert found is not None, lines[0]
    if headers.get("transfer-encoding") == "chunked":
        while not body.endswith(b"0\r\n\r\n"):
            more = connection.recv(65_536)
            if not more:
                break
            body += more
        body = _unchunked(body)
    else:
        size = int(headers.get("content-length", 0))
        while len(body) < size:
            more = connection.recv(65_536)
            if not more:
                raise ConnectionError("it ended within a body")
            body += more
    return Reply(int(found[1]), headers, body)


def _unchunked(data: bytes) -> bytes:
    parts = []
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            break
        parts.append(data[:length])
        data = data[length + 2 :]
    return b"".join(parts)
