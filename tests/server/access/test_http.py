"""Who is let in, over a real socket: keys, scopes, tenants and quotas of a running service."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.access.conftest import Operate, bearer
from tests.server.access.test_ring import forgeries
from tests.server.hatchery import Server
from tests.server.process import Reply, ServiceProcess, head, read_reply

Serve = Callable[..., Server]
RUN = {"code": "print(1)"}


def execute(server: Server, key: str, code: str = "print(1)", **more: object) -> Reply:
    return server.ask("POST", "/v1/execute", {"code": code, **more}, bearer(key))


def raw(server: Server, *lines: bytes) -> Reply:
    """One request with these headers, as they are."""
    with socket.create_connection(server.address, timeout=60) as connection:
        start = head("GET", "/v1/sessions", {"Host": f"127.0.0.1:{server.address[1]}"})
        connection.sendall(start.removesuffix(b"\r\n") + b"\r\n".join([*lines, b"", b""]))
        return read_reply(connection)


def test_whoever_is_here_is_local_until_there_is_a_key(serve: Serve, operate: Operate) -> None:
    server = serve()
    assert server.ask("POST", "/v1/execute", RUN).status == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        reply = server.ask("POST", "/v1/execute", RUN, {header: "127.0.0.1"})
        assert (reply.status, reply.problem) == (401, "unauthorized")
    nobody = server.ask("POST", "/v1/execute", RUN, {"Authorization": "Bearer x"})
    assert (nobody.status, nobody.problem) == (401, "unauthorized")
    assert nobody.headers["www-authenticate"] == 'Bearer realm="ringfence"'

    key = operate("keys", "create", "acme")
    while (reply := server.ask("POST", "/v1/execute", RUN)).status == 200:
        pass  # within a second
    assert reply.problem == "unauthorized"
    assert execute(server, key).status == 200
    operate("keys", "revoke", key)
    while (reply := execute(server, key)).status == 200:
        pass
    assert reply.problem == "unauthorized"
    assert server.ask("POST", "/v1/execute", RUN).status == 401  # a revoked key opens nothing
    assert server.ask("GET", "/health").status == 200


def test_nobody_is_local_where_the_settings_say_so(serve: Serve) -> None:
    server = serve(anonymous="false")
    assert server.ask("POST", "/v1/execute", RUN).problem == "unauthorized"
    assert server.ask("GET", "/health").status == 200


def test_forgeries_are_answered_all_alike(serve: Serve, operate: Operate) -> None:
    mine, other = operate("keys", "create", "acme"), operate("keys", "create", "other")
    gone = operate("keys", "create", "acme")
    operate("keys", "revoke", gone)
    server = serve()
    good = f"Authorization: Bearer {mine}".encode()
    assert raw(server, good).status == 200
    answers = set()
    for what, headers in forgeries(mine, other).items():
        if what in {"a line's end", "a NUL", "endless"}:
            continue  # no headers that HTTP has: see below
        reply = raw(server, *(f"Authorization: {one}".encode() for one in headers))
        assert (reply.status, reply.problem) == (401, "unauthorized"), what
        answers.add(json.dumps({**reply.json, "instance": ""}, sort_keys=True))
    reply = raw(server, f"Authorization: Bearer {gone}".encode())
    answers.add(json.dumps({**reply.json, "instance": ""}, sort_keys=True))
    assert len(answers) == 1  # nothing tells a revoked key from one that never was
    for line in (good + b"\0", b"Authorization: Bearer \xff\xfe", good + b"A" * 500_000):
        try:
            assert raw(server, line).status in {400, 401, 431}
        except ConnectionError:
            pass  # it hung up
    assert raw(server, b"X-Key: " + mine.encode()).status == 401
    reply = server.ask("GET", f"/v1/sessions?key={mine}&access_token={mine}")
    assert reply.status == 401  # addresses are logged


def test_a_key_may_what_its_scopes_say(serve: Serve, operate: Operate) -> None:
    metrics = operate("keys", "create", "acme", "--scope", "metrics")
    run = operate("keys", "create", "acme")
    server = serve()
    reply = execute(server, metrics)
    assert (reply.status, reply.problem) == (403, "not-allowed")
    assert "this key has not the scope 'run'" in reply.json["detail"]
    assert server.ask("GET", "/v1/sessions", None, bearer(metrics)).status == 403
    assert server.ask("GET", "/v1/sessions", None, bearer(run)).status == 200


def test_tenants_do_not_see_each_other_and_keys_of_one_do(serve: Serve, operate: Operate) -> None:
    mine, too = operate("keys", "create", "acme"), operate("keys", "create", "acme")
    other = operate("keys", "create", "other")
    server = serve()
    assert execute(server, mine, "x = 41", session_id="s").status == 200
    assert execute(server, too, "print(x + 1)", session_id="s").json["stdout"] == "42\n"
    assert execute(server, other, "print('x' in dir())", session_id="s").json["stdout"] == (
        "False\n"
    )
    assert server.ask("DELETE", "/v1/sessions/s", None, bearer(other)).status in {200, 204}
    theirs = server.ask("GET", "/v1/sessions/s", None, bearer(other))
    unknown = server.ask("GET", "/v1/sessions/none", None, bearer(other))
    assert (theirs.status, unknown.status) == (404, 404)
    for reply in (theirs, unknown):
        assert reply.problem == "unknown"
    assert theirs.json["detail"] == unknown.json["detail"]
    assert server.ask("GET", "/v1/sessions/s", None, bearer(mine)).status == 200


def test_a_rotated_key_holds_for_its_grace(serve: Serve, operate: Operate) -> None:
    old = operate("keys", "create", "acme")
    new = operate("keys", "rotate", old, "--grace", "1")
    last = operate("keys", "rotate", new, "--grace", "0")
    server = serve()
    assert execute(server, old).status == 200
    assert execute(server, new).status == 401
    assert execute(server, last).status == 200


def test_runs_in_a_minute(serve: Serve, operate: Operate) -> None:
    one, too = operate("keys", "create", "acme"), operate("keys", "create", "acme")
    other = operate("keys", "create", "other")
    operate("tenants", "set", "acme", "--per-minute", "3")
    server = serve()
    assert [execute(server, key).status for key in (one, too, one)] == [200] * 3
    reply = execute(server, too)
    assert (reply.status, reply.problem) == (429, "quota")
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert "the quota per-minute is used up" in reply.json["detail"]
    assert reply.json["errors"] == [
        {"field": "quota:per-minute", "expected": "at most 3 runs in 60 s", "got": "3"}
    ]
    assert execute(server, other).status == 200
    assert server.ask("GET", "/v1/sessions", None, bearer(one)).status == 200  # it runs nothing


def test_runs_at_once(serve: Serve, operate: Operate) -> None:
    key = operate("keys", "create", "acme")
    operate("tenants", "set", "acme", "--concurrent", "1")
    server = serve()
    with socket.create_connection(server.address, timeout=60) as connection:
        body = json.dumps({"code": "print('on', flush=True)\nwhile True: pass"}).encode()
        headers = {
            "Host": f"127.0.0.1:{server.address[1]}",
            "Accept": "text/event-stream",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **bearer(key),
        }
        connection.sendall(head("POST", "/v1/execute", headers) + body)
        data = b""
        while b"event: stdout" not in data:
            data += connection.recv(65_536)
        reply = execute(server, key)
        assert (reply.status, reply.problem) == (429, "quota")
        assert reply.headers["retry-after"] == "1"
        run_id = json.loads(data.partition(b"data: ")[2].partition(b"\n")[0])["run_id"]
        cancelled = server.ask("POST", f"/v1/runs/{run_id}/cancel", None, bearer(key))
        assert cancelled.status == 202
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.recv(65_536)
        assert b"event: result" in data
    assert execute(server, key).status == 200


def test_seconds_of_a_day_outlive_the_server(serve: Serve, operate: Operate) -> None:
    key = operate("keys", "create", "acme")
    operate("tenants", "set", "acme", "--cpu-per-day", "0.05")
    burn = "import time\nend = time.process_time() + 0.1\nwhile time.process_time() < end: pass"
    server = serve()
    first = execute(server, key, burn)
    assert first.status == 200
    for start_again in (False, True):
        if start_again:
            server.kill()
            server = serve()
        reply = execute(server, key)
        assert (reply.status, reply.problem) == (429, "quota")
        assert "the quota cpu-per-day is used up: at most 0.05 CPU" in reply.json["detail"]
        assert 1 <= int(reply.headers["retry-after"]) <= 86_400
    (tenant,) = json.loads(f"[{operate('tenants', 'list', '--json')}]")
    assert tenant["cpu_seconds_today"] >= 0.05


def test_secrets_are_nowhere(serve: Serve, operate: Operate, tmp_path: Path) -> None:
    key = operate("keys", "create", "acme")
    server = serve(log_level="debug")
    assert execute(server, key, "print('of the guest')", session_id="s").status == 200
    wrong = key[:-4] + "AAAA"
    assert execute(server, wrong).status == 401
    server.stop()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert key[21:].encode() not in path.read_bytes(), path
            assert wrong[21:].encode() not in path.read_bytes(), path
    rows = [json.loads(line) for line in operate("audit", "show", "--json").splitlines()]
    denied = [row["details"] for row in rows if row["kind"] == "access.denied"]
    assert denied == [{"count": 1, "keys": {key[4:20]: 1}}]
    (run,) = [row for row in rows if row["kind"] == "run"]
    assert (run["tenant"], run["key_id"]) == ("acme", key[4:20])
    assert "of the guest" not in json.dumps(rows)  # the hash of code, and no code
    assert json.loads(operate("audit", "verify", "--json"))["holds"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_public_address_needs_a_key(host: str, tmp_path: Path, operate: Operate) -> None:
    operate("tenants", "set", "acme")  # a tenant without a key is none that could ask
    process = ServiceProcess(tmp_path, host=host)
    process.close()
    assert process.process.returncode == 2
    assert "there is no key" in "".join(process.log)
