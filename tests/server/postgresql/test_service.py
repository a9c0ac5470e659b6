"""The service on a PostgreSQL server, which goes away for a while and comes back."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ringfence.cli.app import app
from tests.server.hatchery import Server, hatchery
from tests.support.postgresql import PostgreSQL


@pytest.fixture
def serve(address: str, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Starts a server on a database of this test's own."""
    with hatchery(tmp_path, database=address, blobs=f"disk:{tmp_path}/blobs") as made:
        started: list[Server] = []

        def start() -> Server:
            started.append(made.start())
            return started[-1]

        yield start
        running = [server for server in started if server.running]
        for server in running:
            os.kill(server.pid, signal.SIGTERM)
        for server in running:  # both end; nothing is left of either
            told = made.tell({"wait": server.pid, "all": server is running[-1]})
            assert told == {"status": 0, "left": []}


def command(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)
    return done.stdout.strip()


def test_sessions_and_keys_outlive_kills_and_the_databases_absence(
    serve: Callable[[], Server], postgresql: PostgreSQL, address: str
) -> None:
    server = serve()
    assert server.execute("x = 1", session_id="s")["session"]["state"] == "kept"
    server.kill()
    server = serve()
    reply = server.execute("x += 1\nprint(x)", session_id="s")
    assert (reply["stdout"], reply["session"]["restored"]) == ("2\n", True)

    postgresql.stop()
    try:
        ready = server.ask("GET", "/ready")
        assert ready.status == 503
        assert server.ask("GET", "/health").status == 200
        with ThreadPoolExecutor(1) as pool:
            # It waits for the database as long as its patience lasts; it is not run twice.
            waits = pool.submit(
                server.execute,
                "x += 1\nprint(x)",
                session_id="s",
                headers={"Idempotency-Key": "once"},
            )
            postgresql.start()
            first = waits.result()
    except BaseException:
        postgresql.start()
        raise
    assert first["stdout"] == "3\n"
    again = server.execute("x += 1\nprint(x)", session_id="s", headers={"Idempotency-Key": "once"})
    assert again == first
    assert server.ask("GET", "/ready").status == 200
    assert server.execute("print(x)", session_id="s")["stdout"] == "3\n"

    key = command("keys", "create", "acme", "--database", address)
    while (nobody := server.ask("GET", "/v1/sessions")).status == 200:
        pass
    assert nobody.problem == "unauthorized"
    assert server.execute("print(1)", headers={"Authorization": f"Bearer {key}"})["stdout"] == "1\n"
    server.stop()
    verified = json.loads(command("audit", "verify", "--json", "--database", address))
    assert verified["holds"]


def test_a_second_server_fences_the_first(serve: Callable[[], Server]) -> None:
    first = serve()
    first.execute("x = 1", session_id="s")
    second = serve()
    refused = first.ask("POST", "/v1/execute", {"code": "x = 2", "session_id": "s"})
    assert (refused.status, refused.problem) == (503, "unavailable")
    assert first.ask("GET", "/ready").status == 503
    reply = second.execute("print(x)", session_id="s")
    assert (reply["stdout"], reply["session"]["restored"]) == ("1\n", True)
