"""``ringfence submit``, as a person types it: here, and to a real service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ringfence.cli.app import app
from tests.server.process import ServiceProcess, service
from tests.support.model_endpoint import Failing, Scripted, calling, model_endpoint, running


def submit(*arguments: str, stdin: str | None = None, **environment: str) -> tuple[int, str, str]:
    kept = {key: one for key, one in os.environ.items() if not key.startswith("RINGFENCE_")}
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "submit", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**kept, **environment},
    )
    return done.returncode, done.stdout, done.stderr


def submit_inside(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The same in this process, where nothing of it is run in another."""
    with pytest.raises(SystemExit) as caught:
        app(["submit", *arguments], prog_name="ringfence")
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


SCRIPT: list[Scripted] = [
    calling({"code": "1"}, tool="bash"),
    running("x = 20\nmissing"),
    running("print('x is', x)\nx + 22"),
    "It is 42.\x1b[2J",
]
STEPS = """\
ringfence: refused: a call of bash: there is no tool 'bash'; the only one is python_executor
ringfence: ran: 2 lines of Python
    x = 20
    missing
ringfence: result: error
    NameError: name 'missing' is not defined
ringfence: ran: 2 lines of Python
    print('x is', x)
    x + 22
ringfence: result: ok
    x is 20
    42
    It is 42.\\x1b[2J
"""
CODE = {
    "print('out'); import sys; print('err', file=sys.stderr); 6 * 7": (0, "out\n42\n", "err\n"),
    "raise ValueError('no')": (1, "", "ValueError: no\n"),
    "while True: pass": (4, "", "ringfence: limit: the guest reached wall = 1 s"),
    "import os; os.execv('/bin/sh', ['sh'])": (5, "", "ringfence: crashed: "),
    "print('\\x1b]0;title\\x07')": (0, "\\x1b]0;title\\x07\n", ""),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with service(tmp_path_factory.mktemp("service")) as running_:
        yield running_


@pytest.fixture(params=["here", "service"])
def where(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "here":
        return {}
    return {"RINGFENCE_URL": request.getfixturevalue("served").url}


@pytest.mark.parametrize("code", CODE)
def test_code_is_shown_as_ringfence_run_shows_it(where: dict[str, str], code: str) -> None:
    status, out, err = CODE[code]
    got = submit("--timeout", "1", f"Execute Python: {code}", **where)
    if "limit" in err and where:
        err = "ringfence: limit: the guest reached wall"
    assert got[:2] == (status, out)
    assert err in got[2]
    assert got[2] or not err


def test_a_query_may_come_from_standard_input(where: dict[str, str]) -> None:
    query = "Execute Python:\n```python\n6 * 7\n```\n"
    assert submit("-", stdin=query, **where) == (0, "42\n", "")
    assert submit("--stdin", "Execute Python: input()", stdin="Ada\n", **where) == (
        0,
        "'Ada'\n",
        "",
    )


def test_the_whole_reply_as_json(where: dict[str, str]) -> None:
    status, out, err = submit("--json", "--mode", "simple", "Execute Python: 1 / 0", **where)
    told = json.loads(out)
    assert (status, err, told["mode"], told["status"]) == (1, "", "simple", "answered")
    assert told["results"][0]["error"]["type"] == "ZeroDivisionError"
    assert set(told) == {"answer", "mode", "status", "bound", "reason", "steps", "results", "usage"}


def test_steps_are_told_and_the_answer_comes_last(tmp_path: Path) -> None:
    with model_endpoint(*SCRIPT) as endpoint:
        assert submit("Compute.", **endpoint.variables()) == (0, "It is 42.\\x1b[2J\n", STEPS)
    with model_endpoint(*SCRIPT) as endpoint, service(tmp_path, **endpoint.variables()) as served:
        got = submit("Compute.", "--url", served.url)
        assert got == (0, "It is 42.\\x1b[2J\n", STEPS)


def test_how_work_that_found_no_answer_ends() -> None:
    with model_endpoint(script=lambda number, body: running("1")) as endpoint:
        status, out, err = submit("Loop.", **endpoint.variables(TURNS=2))
    assert (status, out) == (4, "")
    assert err.endswith("ringfence: bounded: the model used its 2 turns\n")
    with model_endpoint(running("1"), Failing(401)) as endpoint:
        status, out, err = submit("Fail.", **endpoint.variables())
    assert (status, out) == (6, "")
    assert err.endswith("ringfence: failed: the model's endpoint answered 401\n")
    with model_endpoint(Failing(401)) as endpoint:
        got = submit("Fail.", **endpoint.variables())
    assert got == (6, "", "ringfence: failed: the model's endpoint answered 401\n")


def test_a_guest_that_ended_is_replaced_and_the_model_is_told() -> None:
    script: list[Scripted] = [
        running("x = 1"),
        running("import os; os._exit(3)"),
        running("x"),
        "Gone.",
    ]
    with model_endpoint(*script) as endpoint:
        status, out, _ = submit("Try.", **endpoint.variables())
        told = [json.loads(endpoint.told(number)[0]) for number in (1, 2, 3)]
    assert (status, out) == (0, "Gone.\n")
    assert "session" not in told[0]
    assert (told[1]["status"], told[1]["session"]) == ("crashed", "gone")
    assert told[2]["status"] == "error"


def test_without_a_model(where: dict[str, str]) -> None:
    status, out, err = submit("What is 6 * 7?", **where)
    assert (status, out) == (3, "")
    assert "RINGFENCE_AGENT_MODEL" in err


def test_a_session_of_a_service(served: ServiceProcess) -> None:
    for expected in ("1\n", "2\n"):
        code = "Execute Python: n = n + 1 if 'n' in dir() else 1\nn"
        assert submit("--url", served.url, "--session", "kept", code) == (0, expected, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["x", "--mode", "smart"], "mode='smart' is neither 'simple' nor 'standard'"),
        (["x", "--timeout", "61"], "timeout_seconds=61.0 must be from 1 to 60"),
        (["Execute Python:"], "no code follows"),
        ([" "], "query: it is empty"),
        (["x", "--session", "s"], "--session: a service keeps sessions"),
        (["-", "--stdin"], "standard input holds the query already"),
        (["Execute Python: 1", "--url", "http://[::1"], "--url"),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    status, out, err = submit_inside(capsys, *arguments)
    assert (status, out) == (2, "")
    assert says in err


def test_what_a_service_refuses(served: ServiceProcess) -> None:
    status, out, err = submit("--url", served.url, "--session", "a/b", "Execute Python: 1")
    assert (status, out) == (2, "")
    assert err.startswith("ringfence: the service: malformed: session_id: ")
    status, out, err = submit("--url", served.url, "Execute Python: 1", RINGFENCE_API_KEY="rfk_a_b")
    assert (status, out) == (2, "")
    assert err.startswith("ringfence: the service: unauthorized: ")


HOSTILE = {
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi": "is no service of Ringfence's",
    b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\n\x1b[2J": "it answered 500",
    b"HTTP/1.1 404 No\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]": "it answered 404",
    b"HTTP/1.1 302 Go\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n": "it answered 302",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n": "ended its answer before it was complete",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nevent: answer\ndata: [1]\n\n": "no JSON object",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nevent: answer\ndata: {}\n\n": "cannot be read",
    b"nonsense": "RemoteProtocolError",
}


@pytest.mark.parametrize("answer", HOSTILE)
def test_a_service_that_is_none(capsys: pytest.CaptureFixture[str], answer: bytes) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        status, out, err = submit_inside(capsys, "--url", address, "Execute Python: 1")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert (status in (2, 6), out) == (True, "")
    assert HOSTILE[answer] in err
    assert "\x1b" not in err


def test_a_service_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = submit_inside(capsys, "--url", "http://127.0.0.1:1", "Execute Python: 1")
    assert (status, out) == (6, "")
    assert err.startswith("ringfence: failed: http://127.0.0.1:1: ConnectError")
