"""Events of a run, over HTTP: in order, resumable, and never more than may be kept."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.server.hatchery import Server

Serving = Callable[..., Server]


class Stream:
    """A connection on which events arrive."""

    def __init__(self, server: Server, method: str, path: str, body: Any = None, **headers: str):
        data = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{server.address[1]}",
            "Accept: text/event-stream",
            "Content-Type: application/json",
            f"Content-Length: {len(data)}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
            "",
            "",
        ]
        self.connection = socket.create_connection(server.address, timeout=60)
        self.connection.sendall("\r\n".join(lines).encode() + data)
        self._file = self.connection.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers: dict[str, str] = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            self.headers[name.lower()] = value

    def events(self) -> Iterator[tuple[str, str, Any]]:
        """(id, kind, data) as they come."""
        text = b""
        while size := int(self._file.readline(), 16):
            text += self._file.read(size)
            self._file.readline()
            while b"\n\n" in text:
                event, _, text = text.partition(b"\n\n")
                fields = dict(
                    line.split(": ", 1) for line in event.decode().split("\n") if line[0] != ":"
                )
                if fields:
                    yield fields["id"], fields["event"], json.loads(fields["data"])
        self.cut()

    def cut(self) -> None:
        self._file.close()
        self.connection.close()


def run(server: Server, code: str, **more: Any) -> Stream:
    return Stream(server, "POST", "/v1/execute", {"code": code, **more})


def test_events_come_in_order_and_the_result_comes_last(serving: Serving) -> None:
    server = serving()
    stream = run(
        server,
        "import sys, time\nprint('one', flush=True); time.sleep(0.05)\n"
        "print('err', file=sys.stderr, flush=True); time.sleep(0.05)\ndisplay('shown'); 7",
    )
    assert stream.status == 200
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = list(stream.events())
    stream.cut()
    run_id = events[0][2]["run_id"]
    assert [id_ for id_, _, _ in events] == [f"{run_id}.{n + 1}" for n in range(len(events))]
    kinds = [kind for _, kind, _ in events]
    assert kinds == ["run", "stdout", "stderr", "display", "result"]
    assert events[1][2] == {"text": "one\n"}
    assert events[-1][2]["value"] == 7
    assert events[-1][2]["run_id"] == run_id


def test_a_reader_that_was_cut_off_goes_on_where_it_was(serving: Serving) -> None:
    server = serving()
    code = "import time\nfor n in range(20):\n    print(n, flush=True)\n    time.sleep(0.05)\n'end'"
    stream = run(server, code)
    seen = []
    for id_, kind, data in stream.events():
        seen.append((id_, kind, data))
        if len(seen) == 4:
            break
    stream.cut()
    run_id = seen[0][2]["run_id"]
    again = Stream(server, "GET", f"/v1/runs/{run_id}/events", Last_Event_ID=seen[-1][0])
    seen += list(again.events())
    again.cut()
    assert [int(id_.rpartition(".")[2]) for id_, _, _ in seen] == list(range(1, len(seen) + 1))
    printed = "".join(data["text"] for _, kind, data in seen if kind == "stdout")
    assert printed == "".join(f"{n}\n" for n in range(20))
    assert seen[-1][1] == "result"
    # What has ended is kept for late readers, who may ask by a number as well.
    late = list(Stream(server, "GET", f"/v1/runs/{run_id}/events?after=1").events())
    assert late == seen[1:]
    past = list(Stream(server, "GET", f"/v1/runs/{run_id}/events?after={len(seen)}").events())
    assert past == []


def test_two_readers_see_the_same(serving: Serving) -> None:
    server = serving()
    first = run(server, "import time\nfor n in range(5):\n    print(n)\n    time.sleep(0.05)")
    events = first.events()
    begun = next(events)
    second = Stream(server, "GET", f"/v1/runs/{begun[2]['run_id']}/events")
    assert [begun, *events] == list(second.events())


def test_a_run_that_nobody_follows_is_cancelled_after_a_while(serving: Serving) -> None:
    server = serving(resume_seconds="2")
    stream = run(
        server, "import time\nprint('begun', flush=True)\ntime.sleep(50)", timeout_seconds=60
    )
    events = stream.events()
    run_id = next(events)[2]["run_id"]
    assert next(events)[1] == "stdout"
    stream.cut()
    again = Stream(server, "GET", f"/v1/runs/{run_id}/events")  # followed again: it goes on
    assert next(again.events())[1] == "run"
    again.cut()
    while b'status="cancelled"' not in server.ask("GET", "/metrics").body:
        pass
    # Its end is kept for who comes late, as long as it went on for.
    late = list(Stream(server, "GET", f"/v1/runs/{run_id}/events").events())
    assert [kind for _, kind, _ in late] == ["run", "stdout", "result"]
    assert late[-1][2]["status"] == "cancelled"


def test_a_run_is_cancelled_by_its_id(serving: Serving) -> None:
    server = serving()
    stream = run(server, "print('begun', flush=True)\nwhile True: pass")
    events = stream.events()
    run_id = next(events)[2]["run_id"]
    assert next(events)[1] == "stdout"
    assert server.ask("POST", f"/v1/runs/{run_id}/cancel").status == 202
    (last,) = list(events)
    assert last[1] == "result"
    assert last[2]["status"] == "cancelled"
    ended = server.ask("POST", f"/v1/runs/{run_id}/cancel")
    assert (ended.status, ended.json) == (202, {"cancelled": False})


def test_what_is_refused_before_it_begins_has_a_status(serving: Serving) -> None:
    server = serving()
    stream = Stream(server, "POST", "/v1/sessions/none/execute", {"code": "1"})
    assert stream.status == 404
    assert stream.headers["content-type"] == "application/problem+json"
    stream.cut()


@pytest.mark.parametrize("last", ["x", "other.1", "{run}.", "{run}.-1", "{run}.1e3", "{run}.²"])
def test_a_wrong_place_to_go_on_is_refused(serving: Serving, last: str) -> None:
    server = serving()
    events = list(run(server, "1").events())
    run_id = events[0][2]["run_id"]
    reply = server.ask(
        "GET", f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": last.format(run=run_id)}
    )
    assert (reply.status, reply.problem) == (422, "malformed")
    assert server.ask("GET", "/v1/runs/run_0/events").problem == "unknown"
    assert server.ask("POST", "/v1/runs/run_0/cancel").problem == "unknown"


def test_a_flood_that_nobody_reads_is_bounded_and_charged_to_the_guest(serving: Serving) -> None:
    server = serving(limit_display="64MiB", limit_value="64MiB")
    code = (
        "class Big:\n    def _repr_html_(self): return 'x' * 1_000_000\n"
        "for n in range(20):\n    display(Big())\nprint('done')"
    )
    stream = run(server, code)  # not read: what does not fit into the socket waits in the server
    again: list[Any] = []
    begun = next(stream.events())
    run_id = begun[2]["run_id"]
    while not again or again[-1][1] != "result":
        again = list(Stream(server, "GET", f"/v1/runs/{run_id}/events").events())
    stream.cut()
    kinds = [kind for _, kind, _ in again]
    assert kinds[0] in ("missed", "run")
    if kinds[0] == "missed":
        assert again[0][2]["first"] == 1
    late = list(Stream(server, "GET", f"/v1/runs/{run_id}/events").events())
    assert late[0][1] == "missed"
    assert late[1][0] == f"{run_id}.{late[0][2]['last'] + 1}"
    assert sum(len(json.dumps(data)) for _, kind, data in late if kind == "display") < 5_000_000
    assert late[-1][2]["stdout"] == "done\n"
    assert len(late[-1][2]["displays"]) == 20
