"""What the audit log says about runs, and what it never says."""

import sqlite3
from collections.abc import Callable

from tests.server.hatchery import Server


def test_a_denied_request_is_in_the_audit_log_and_a_run_too(serving: Callable[..., Server]) -> None:
    server = serving()
    secret = "x = 'a secret of the guest'"
    server.execute(secret)
    assert server.ask("POST", "/v1/execute", {"code": "1", "packages": ["pandas"]}).status == 422
    home = server.home
    server.stop()
    with sqlite3.connect(home / "service.db") as database:
        rows = database.execute(
            "SELECT kind, tenant, details FROM audit ORDER BY number"
        ).fetchall()
    database.close()
    kinds = [kind for kind, _, _ in rows if kind.startswith("run")]
    assert kinds == ["run", "run.denied"]
    assert all("secret" not in details for _, _, details in rows)
    assert {tenant for _, tenant, _ in rows if tenant} == {"local"}


def test_denied_requests_count_as_others_do(serving: Callable[..., Server]) -> None:
    server = serving(quota_per_minute="5")
    denied = {"code": "1", "packages": ["pandas"]}
    statuses = [server.ask("POST", "/v1/execute", denied).status for _ in range(20)]
    assert statuses == [422] * 5 + [429] * 15
    home = server.home
    server.stop()
    with sqlite3.connect(home / "service.db") as database:
        ((rows,),) = database.execute("SELECT count(*) FROM audit WHERE kind = 'run.denied'")
    database.close()
    assert rows == 5
