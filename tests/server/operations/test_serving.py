"""Starting, being ready, being taken over, and stopping in order."""

import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.server.process import (
    PATIENCE,
    ServiceProcess,
    begin,
    head,
    read_reply,
    rest,
    run,
    service,
    start_in_vain,
)


def test_one_command_and_curl(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        assert run(running, "print(1 + 1)")["stdout"] == "2\n"
        assert running.ask("GET", "/ready").json["checks"] == {
            "database": "ok", "engine": "ok", "accepting": "ok",
        }  # fmt: skip
        assert running.stop() == 0
    (told,) = [line for line in running.log if line.startswith("ringfence: serve: try: curl")]
    assert f"{running.url}/v1/execute" in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_runs_may_end_and_streams_get_their_last_event(tmp_path: Path, number: int) -> None:
    code = "import time\nprint('begun', flush=True)\ntime.sleep(0.7)\nprint('done')"
    with service(tmp_path, shutdown_seconds="20") as running:
        connection = begin(running, code)
        running.process.send_signal(number)
        told = rest(connection)
        assert "event: result" in told
        assert r'"stdout":"begun\ndone\n"' in told
        assert running.stop() == 0
    assert "stopping" in [one["event"] for one in running.events()]


def test_what_does_not_end_is_cancelled_and_told_so(tmp_path: Path) -> None:
    code = "import time\nprint('begun', flush=True)\ntime.sleep(50)"
    with service(tmp_path, shutdown_seconds="0.3") as running:
        connection = begin(running, code, timeout_seconds=60)
        running.process.send_signal(signal.SIGTERM)
        told = rest(connection)
        assert '"status":"cancelled"' in told
        assert running.stop() == 0


def test_while_it_stops_it_says_so_and_runs_nothing_new(tmp_path: Path) -> None:
    code = "import time\nprint('begun', flush=True)\ntime.sleep(50)"
    with service(tmp_path, shutdown_seconds="30") as running:
        connection = begin(running, code, timeout_seconds=60)
        other = running.connect()  # before: new ones are taken as well
        running.process.send_signal(signal.SIGTERM)
        reply = None
        while reply is None or reply.status == 200:  # until the signal was handled
            other.sendall(head("GET", "/ready", {"Host": "localhost"}))
            reply = read_reply(other)
        assert (reply.status, reply.problem) == (503, "unavailable")
        assert "this server is being stopped" in reply.json["detail"]
        reply = running.ask("POST", "/v1/execute", {"code": "print(1)"})
        assert (reply.status, reply.problem) == (503, "unavailable")
        assert reply.headers["retry-after"] == "5"
        assert running.ask("GET", "/health").status == 200
        connection.close()
        other.close()
        running.process.kill()


def test_sessions_are_saved_when_it_stops_and_come_back(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        run(running, "x = 41", session_id="a", durability="idle")
        assert running.stop() == 0
    with service(tmp_path) as running:
        reply = run(running, "print(x + 1)", session_id="a")
        assert reply["stdout"] == "42\n"
        assert reply["session"]["restored"] is True  # type: ignore[index]


def test_the_last_one_started_on_a_database_has_it(tmp_path: Path) -> None:
    with service(tmp_path) as first:
        run(first, "x = 1", session_id="a")
        with service(tmp_path) as second:
            assert run(second, "x += 1; print(x)", session_id="a")["stdout"] == "2\n"
            reply = first.ask("POST", "/v1/execute", {"code": "x = 100", "session_id": "a"})
            assert (reply.status, reply.problem) == (503, "unavailable")
            assert first.ask("GET", "/ready").problem == "unavailable"
            assert first.stop() == 0
            assert run(second, "print(x)", session_id="a")["stdout"] == "2\n"


def test_taken_out_of_service_it_answers_and_runs_nothing(tmp_path: Path) -> None:
    with service(tmp_path, PYTHON_SANDBOX_READY="false") as running:
        reply = running.ask("POST", "/v1/execute", {"code": "print(1)"})
        assert (reply.status, reply.problem) == (503, "unavailable")
        assert "RINGFENCE_ACCEPTING" in reply.json["detail"]
        assert running.ask("GET", "/ready").status == 503
        assert running.ask("GET", "/v1/sessions").status == 200


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        ({"host": "0.0.0.0"}, 2, "there is no key: anybody could run anything. Make one with"),
        ({"host": "::"}, 2, "ringfence keys create"),
        ({"host": "localhost"}, 2, "'localhost' is no address; write 127.0.0.1"),
        ({"packages": "no-such-package"}, 2, "no-such-package is not installed here"),
        ({"otel_endpoint": "127.0.0.1:4318"}, 2, "is no address; write http://"),
        ({"PYTHON_WASI_WASM_PATH": "/opt/python.wasm"}, 2, "RINGFENCE_WASI_IMAGE"),
        ({"database": "mysql://a/b"}, 2, "mysql"),
        ({"database": "sqlite:////dev/null/b.db"}, 6, "/dev/null"),
        ({"nonsense": "1"}, 2, "RINGFENCE_NONSENSE is no setting of the service"),
    ],
)
def test_what_it_cannot_start_with_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    code: int,
    message: str,
) -> None:
    ended, told = start_in_vain(tmp_path, monkeypatch, settings)
    assert message in told
    assert ended == code


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = ServiceProcess(tmp_path, port=str(taken.getsockname()[1]))
        assert refused.stop() == 6
    assert "cannot listen at 127.0.0.1" in refused.log[-1]
    refused.close()


def test_twenty_at_once_are_all_answered(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        found: list[object] = []

        def ask(number: int) -> None:
            found.append(run(running, f"print({number})")["stdout"])

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert sorted(map(str, found)) == sorted(f"{number}\n" for number in range(20))


def test_with_a_key_it_listens_to_others_by_the_names_that_were_given(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ringfence", "keys", "create", "ada", "--database"]
    database = f"sqlite:///{tmp_path / 'service.db'}"
    made = subprocess.run([*command, database], capture_output=True, text=True, check=True)
    (key,) = re.findall(r"rfk_\S+", made.stdout)
    with service(tmp_path, host="0.0.0.0", names="sandbox.example") as running:
        body = {"code": "print(1)"}
        reply = running.ask("POST", "/v1/execute", body)
        assert (reply.status, reply.problem) == (401, "unauthorized")
        assert reply.headers["www-authenticate"] == 'Bearer realm="ringfence"'
        with running.connect() as connection:  # of nobody, no body is read
            unfinished = {"Host": "localhost", "Content-Length": "1000000"}
            connection.sendall(head("POST", "/v1/execute", unfinished))
            assert read_reply(connection).status == 401
        given = {"Authorization": f"Bearer {key}", "Host": "sandbox.example"}
        assert running.ask("POST", "/v1/execute", body, given).json["stdout"] == "1\n"
        reply = running.ask("POST", "/v1/execute", body, {**given, "Host": "other.example"})
        assert (reply.status, reply.problem) == (421, "host")
        assert running.stop() == 0
    assert key not in "\n".join(running.log)
