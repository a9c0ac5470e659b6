"""Each line of docs/limitations/service.md, at a real service. A line without a witness fails."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import ringfence
from tests.docs.documents import ROOT
from tests.docs.limitations import lines_of
from tests.server.process import ServiceProcess, head, read_reply, service
from tests.support.model_endpoint import (
    Endpoint,
    Hanging,
    Scripted,
    calling,
    model_endpoint,
    running,
)

LINES = lines_of("service")


def script(number: int, body: dict[str, Any]) -> Scripted:
    """By the query's name, and how often the model has answered."""
    messages: list[dict[str, Any]] = body["messages"]
    query = str(next(one["content"] for one in messages if one["role"] == "user"))
    turn = sum(1 for one in messages if one["role"] == "assistant")
    return SCRIPTS[query][turn]


SCRIPTS: Mapping[str, list[Scripted]] = {
    "bash": [calling({}, tool="bash"), "No."],
    "keep": [running("x = 'kept'"), Hanging()],
    "own": [running("x = 1"), "Done."],
    "loop": [running("1")] * 9,
}


class Place:
    """A service, and the endpoint of its model."""

    def __init__(self, served: ServiceProcess, endpoint: Endpoint, home: Path = Path()) -> None:
        self.served, self.endpoint, self.home = served, endpoint, home

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.served.ask("POST", path, body, headers)

    def run(self, code: str, **more: Any) -> Any:
        return self.post("/v1/execute", {"code": code, **more})

    def agent(self, query: str, **more: Any) -> Any:
        return self.post("/agent/query", {"query": query, **more})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with model_endpoint(script=script) as endpoint:
        variables = endpoint.variables(TOKENS=6_000)
        home = tmp_path_factory.mktemp("service")
        with service(home, **variables) as served:
            yield Place(served, endpoint, tmp_path_factory.mktemp("beside"))


def keeps(place: Place) -> None:
    place.run("def f(): yield 1\ng = f()\nnext(g)\nx = 1", session_id="lossy")
    place.post("/v1/sessions/lossy/put-aside", {})
    session = place.run("x", session_id="lossy").json["session"]
    assert session["restored"]
    assert [one["name"] for one in session["lost"]] == ["g"]


def undone(place: Place) -> None:
    place.run("x = 1", session_id="undone")
    reply = place.run("x = 2\nimport os\nos._exit(1)", session_id="undone").json
    assert (reply["status"], reply["session"]["state"]) == ("crashed", "rolled-back")
    assert place.run("x", session_id="undone").json["value"] == 1
    place.run("x = 1", session_id="gone", durability="never")
    gone = place.run("import os\nos._exit(1)", session_id="gone").json
    assert gone["session"]["state"] == "gone"


def one_at_a_time(place: Place) -> None:
    place.run("1", session_id="busy")
    with place.served.connect() as connection:
        body = b'{"code": "import time\\ntime.sleep(20)", "session_id": "busy"}'
        stream = {"Accept": "text/event-stream"}
        connection.sendall(_request(place, "/v1/execute", body, **stream))
        connection.recv(1)  # it runs
        assert place.run("1", session_id="busy", on_busy="reject").problem == "busy"
        place.post("/v1/sessions/busy/cancel", {})


def for_life(place: Place) -> None:
    place.run("1", session_id="life", engine="native")
    assert place.run("1", session_id="life", engine="wasi").problem == "not-allowed"


def snapshots(place: Place) -> None:
    place.run("1", session_id="snap", engine="native")
    assert place.post("/v1/sessions/snap/snapshot", {}).problem == "not-enforceable"


def large_files(place: Place) -> None:
    place.run("open('large', 'wb').write(bytes(17 << 20))", session_id="large")
    place.run("open('small', 'w').write('text')", session_id="large")
    place.post("/v1/sessions/large/put-aside", {})
    told = place.run("open('small').read()", session_id="large").json
    assert told["value"] == "text"
    assert [one["name"] for one in told["session"]["lost"]] == ["large"]


def one_body_for_a_state(place: Place) -> None:
    code = "import os\nfor name in 'ab': open(name, 'wb').write(os.urandom(9 << 20))"
    place.run(code, session_id="state")
    state = place.served.ask("GET", "/v1/sessions/state/state").body
    octets = {"Content-Type": "application/octet-stream"}
    where = "/v1/sessions/restore?session_id=copy"
    assert place.served.ask("POST", where, state, octets).problem == "too-large"
    assert len(place.served.ask("GET", "/v1/sessions/state/files/a").body) == 9 << 20


def narrow_ids(place: Place) -> None:
    for name in ("a b", "a/b", "é", "x" * 129):
        assert place.run("1", session_id=name).problem == "malformed"
    assert place.run("1", session_id="x" * 128).status == 200


def sixty(place: Place) -> None:
    for seconds in (0.5, 61):
        assert place.run("1", timeout_seconds=seconds).problem == "malformed"


def only_narrow(place: Place) -> None:
    assert place.run("1", limits={"memory": "1GiB"}).problem == "not-allowed"
    assert place.run("1", limits={"memory": "128MiB"}).status == 200


def no_functions(place: Place) -> None:
    assert place.run("1", functions=["f"]).problem == "malformed"

    def twice(x: int) -> int:
        return 2 * x

    with ringfence.Sandbox(engine=place.served.url, functions=[twice]) as box:
        assert box.run("twice(21)").value == 42


def one_piece(place: Place) -> None:
    assert place.run("#" * (17 << 20)).problem == "too-large"


def guests_alone(place: Place) -> None:
    with service(place.home, pool_size="2") as served:
        while _gauge(served, "pool_ready") < 2:
            pass
        assert _gauge(served, "memory_held_bytes") == 0


def cannot_weigh(place: Place) -> None:
    """The same sessions, in a server of root's and in one of an ordinary user."""
    small = {"limit_memory": "64MiB", "memory_budget": "160MiB", "state_key": "a key of this test"}
    names = [f"s{number}" for number in range(8)]
    serve = (
        f"import sys; sys.path.insert(0, {os.fspath(ROOT)!r})\n"
        "from tests.support.levels import main\n"
        "main([sys.argv[1], '--', 'ringfence', 'serve', *sys.argv[2:]])"
    )
    alive = []
    for level in ("plain", "nobody"):
        with tempfile.TemporaryDirectory() as home:
            Path(home).chmod(0o777)
            with service(Path(home), program=("-c", serve, level), **small) as served:
                for name in names:
                    own = Place(served, place.endpoint)
                    assert own.run("1", session_id=name).status == 200
                told = [served.ask("GET", f"/v1/sessions/{name}").json for name in names]
                alive.append(sum(one["live"] for one in told))
    few = alive[-1]  # by what others have in memory at that moment
    assert 3 <= few <= 5
    assert alive[0] == 8 or os.geteuid()


def half_closed(place: Place) -> None:
    with place.served.connect() as connection:
        connection.sendall(_request(place, "/v1/execute", b'{"code": "6 * 7"}'))
        connection.shutdown(socket.SHUT_WR)
        assert read_reply(connection).json["value"] == 42


def one_tool(place: Place) -> None:
    assert place.agent("bash", tools=["bash"]).problem == "malformed"
    steps = place.agent("bash").json["steps"]
    assert [step["kind"] for step in steps] == ["refused", "said"]


def estimated(place: Place) -> None:
    usage = place.endpoint.usage
    place.endpoint.usage = {"prompt_tokens": 6_100, "completion_tokens": 10, "total_tokens": 6_110}
    try:
        told = place.agent("loop").json
    finally:
        place.endpoint.usage = usage
    assert (told["bound"], told["usage"]["requests"]) == ("tokens", 1)
    assert told["usage"]["input_tokens"] + told["usage"]["output_tokens"] == 6_110


def leaves_nothing(place: Place) -> None:
    told = place.agent("own").json
    session = told["results"][0]["session"]["id"]
    assert place.served.ask("GET", f"/v1/sessions/{session}").problem == "unknown"


def unreported(place: Place) -> None:
    usage, place.endpoint.usage = place.endpoint.usage, None
    try:
        told = place.agent("own")
    finally:
        place.endpoint.usage = usage
    assert told.problem == "model-failed"
    assert "RINGFENCE_AGENT_TOKENS" in told.json["detail"]


def _gauge(served: ServiceProcess, name: str) -> float:
    text = served.ask("GET", "/metrics").body.decode()
    return next(
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith(f"ringfence_{name} ")
    )


def _request(place: Place, path: str, body: bytes, **headers: str) -> bytes:
    given = {
        "Host": f"127.0.0.1:{place.served.address[1]}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    return head("POST", path, given) + body


ONCE = "A model works once for a key, and never a second time after a kill."

WITNESSES: Mapping[str, Callable[[Place], None]] = {
    "A session keeps what can be saved.": keeps,
    "A turn that ends its guest is undone.": undone,
    "One turn at a time.": one_at_a_time,
    "An engine is for life.": for_life,
    "Snapshots need `wasi`.": snapshots,
    "A large file stays behind.": large_files,
    "A state comes back in one body.": one_body_for_a_state,
    "Ids are narrow.": narrow_ids,
    "Sixty seconds.": sixty,
    "Limits only narrow.": only_narrow,
    "No host functions over HTTP.": no_functions,
    "A body is one piece.": one_piece,
    "The budget of memory is for guests alone.": guests_alone,
    "An ordinary user cannot weigh.": cannot_weigh,
    "A half-closed connection is answered.": half_closed,
    "One tool.": one_tool,
    "What a request will use is estimated.": estimated,
    "A task's own session leaves nothing.": leaves_nothing,
    "Unreported use ends a task.": unreported,
}


def test_every_line_has_a_witness() -> None:
    assert sorted(LINES) == sorted([*WITNESSES, ONCE])


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("line", WITNESSES)
def test_line(place: Place, line: str) -> None:
    WITNESSES[line](place)


@pytest.mark.usefixtures("standing")
def test_a_model_works_once(tmp_path: Path) -> None:
    body, key = {"query": "keep", "session_id": "s"}, {"Idempotency-Key": "k"}
    with model_endpoint(script=script) as endpoint:
        with service(tmp_path, **endpoint.variables()) as served:
            place = Place(served, endpoint)
            with served.connect() as connection:
                sent = b'{"query": "keep", "session_id": "s"}'
                connection.sendall(_request(place, "/agent/query", sent, **key))
                with endpoint.news:
                    assert endpoint.news.wait_for(lambda: len(endpoint.requests) == 2, timeout=60)
                served.stop(signal.SIGKILL)
        with service(tmp_path, **endpoint.variables()) as served:
            place = Place(served, endpoint)
            assert place.post("/agent/query", body, **key).problem == "interrupted"
            assert place.run("x", session_id="s").json["value"] == "kept"
        assert len(endpoint.requests) == 2
