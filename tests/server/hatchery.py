"""Servers that are there in no time, can be killed, and say whether anything of them is left."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ringfence.server.store import Store, Work
from tests.server.process import Reply, ServiceProcess


class Server:
    """A server of a hatchery."""

    def __init__(self, hatchery: "Hatchery", pid: int, url: str) -> None:
        self._hatchery = hatchery
        self.pid = pid
        self.url = url
        parsed = urllib.parse.urlsplit(url)
        self.address = str(parsed.hostname), int(parsed.port or 0)
        self.running = True

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=60)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:
        reply: Reply = ServiceProcess.ask(self, method, path, body, headers)  # type: ignore[arg-type]
        return reply

    @property
    def home(self) -> Path:
        """The folder of its database."""
        return self._hatchery.home

    def execute(self, code: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """The reply of a run that is answered with 200."""
        reply = self.ask("POST", "/v1/execute", {"code": code, **more}, headers)
        assert reply.status == 200, reply
        return reply.json

    def kill(self) -> None:
        """Kill -9; gives when nothing of it is left."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.end() == signal.SIGKILL

    def stop(self) -> None:
        """Ask it to stop, as an operator does."""
        os.kill(self.pid, signal.SIGTERM)
        assert self.end() == 0

    def end(self) -> int:
        """Wait until it has ended, and all that it started."""
        self.running = False
        told = self._hatchery.tell({"wait": self.pid, "all": True})
        assert told["left"] == [], "processes were left behind"
        return int(told["status"])


class Hatchery:
    """Starts servers, one at a time."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home, self.settings = home, settings
        self.log = home / "server.log"
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.hatching"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == {"ready": True}

    def start(self, **settings: str) -> Server:
        """A server that answers."""
        environment = {
            "RINGFENCE_DATABASE": f"sqlite:///{self.home / 'service.db'}",
            "RINGFENCE_PORT": "0",
            "RINGFENCE_STATE_KEY": "the key of a service under test",
            "RINGFENCE_QUOTA_PER_MINUTE": "1000000",
            "XDG_DATA_HOME": str(self.home),
            **{
                f"RINGFENCE_{name.upper()}": one
                for name, one in {**self.settings, **settings}.items()
            },
        }
        told = self.tell({"start": environment, "log": str(self.log)})
        assert told["url"], self.log.read_text()
        return Server(self, told["pid"], told["url"])

    def make_keys(self, *tenants: str) -> list[dict[str, str]]:
        """The headers of each tenant's own key, in the database of the next server."""

        async def make() -> list[dict[str, str]]:
            store = Store.open(f"sqlite:///{self.home / 'service.db'}", owning=False)
            try:
                made = [await store.write(partial(_make_key, tenant)) for tenant in tenants]
            finally:
                await store.close()
            return [{"Authorization": f"Bearer {key}"} for key in made]

        return asyncio.run(make())

    @contextlib.contextmanager
    def server(self, **settings: str) -> Iterator[Server]:
        """A server, stopped at the end unless it has ended before."""
        server = self.start(**settings)
        try:
            yield server
        finally:
            if server.running:
                server.stop()

    def tell(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@contextlib.contextmanager
def hatchery(home: Path, **settings: str) -> Iterator[Hatchery]:
    made = Hatchery(home, **settings)
    try:
        yield made
    finally:
        made.close()


def _make_key(tenant: str, work: Work) -> str:
    return work.accounts.create_key(tenant)[0]
