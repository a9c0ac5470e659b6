"""A service whose database goes away, for longer than anybody waits, and comes back."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.server.process import ServiceProcess, run, service
from tests.support.postgresql import PostgreSQL

KEY = {"Idempotency-Key": "one-more"}


def ask(running: ServiceProcess, code: str, **more: Any) -> Any:
    headers = more.pop("headers", None)
    return running.ask("POST", "/v1/execute", {"code": code, **more}, headers)


def test_the_database_is_gone_for_ten_seconds(
    tmp_path: Path, postgresql: PostgreSQL, new_address: Callable[[], str]
) -> None:
    with service(tmp_path, database=new_address()) as running:
        assert run(running, "x = 1\nprint(x)", session_id="a")["stdout"] == "1\n"
        postgresql.stop()
        try:
            # Each waits as long as the store does, ten seconds, and is told then.
            refused: list[Any] = []
            threads = [
                threading.Thread(target=lambda: refused.append(ask(running, "print(1)"))),
                threading.Thread(
                    target=lambda: refused.append(
                        ask(running, "x += 1\nprint(x)", session_id="a", headers=KEY)
                    )
                ),
            ]
            for thread in threads:
                thread.start()
            assert running.ask("GET", "/health").status == 200
            for thread in threads:
                thread.join()
            for reply in refused:
                assert (reply.status, reply.problem) == (503, "unavailable"), reply
                assert int(reply.headers["retry-after"]) >= 1
                assert "ringfence-postgresql" not in reply.body.decode()
            reply = running.ask("GET", "/ready")
            assert reply.problem == "unavailable"
            assert reply.json["errors"][0]["field"] == "database"
        finally:
            postgresql.start()
        # It recovers by itself; nothing that was acknowledged is lost, nothing is done twice.
        reply = ask(running, "x += 1\nprint(x)", session_id="a", headers=KEY)
        assert (reply.status, reply.json["stdout"]) == (200, "2\n")
        again = ask(running, "x += 1\nprint(x)", session_id="a", headers=KEY)
        assert again.headers["idempotency-replayed"] == "true"
        assert again.body == reply.body
        assert run(running, "print(x)", session_id="a")["stdout"] == "2\n"
        assert running.ask("GET", "/ready").status == 200
        assert running.stop() == 0
    with service(tmp_path, database=running.settings["database"]) as running:
        assert run(running, "print(x)", session_id="a")["stdout"] == "2\n"
