"""What an operator sees: metrics, logs, traces; and what nobody sees there."""

import contextlib
import http.server
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.server.process import (
    ServiceProcess,
    begin,
    head,
    read_reply,
    run,
    service,
    start_in_vain,
)

SECRET = "a-secret-of-a-client"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[ServiceProcess]:
    with service(tmp_path, quota_concurrent="1") as running:
        yield running


def metrics(running: ServiceProcess) -> dict[str, float]:
    reply = running.ask("GET", "/metrics")
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    for line in reply.body.decode().splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found


def test_runs_are_counted_by_engine_and_status(running: ServiceProcess) -> None:
    engine = run(running, "print(1)")["engine"]
    run(running, "1/0")
    run(running, "while True: pass", timeout_seconds=1)
    run(running, "x = 1", session_id="a")
    found = metrics(running)
    assert found[f'ringfence_runs_total{{engine="{engine}",status="ok"}}'] == 2
    assert found[f'ringfence_runs_total{{engine="{engine}",status="error"}}'] == 1
    assert found[f'ringfence_runs_total{{engine="{engine}",status="limit"}}'] == 1
    assert found[f'ringfence_limits_hit_total{{engine="{engine}",limit="wall"}}'] == 1
    assert found[f'ringfence_start_seconds_count{{engine="{engine}"}}'] == 4
    assert found[f'ringfence_run_seconds_count{{engine="{engine}"}}'] == 4
    assert found[f'ringfence_run_seconds_bucket{{engine="{engine}",le="+Inf"}}'] == 4
    assert found["ringfence_queue_wait_seconds_count"] == 4
    assert found["ringfence_queue_length"] == 0
    assert found["ringfence_runs_running"] == 0
    assert found["ringfence_sessions_live"] == 1
    assert found["ringfence_pool_size"] == 4
    assert found["ringfence_store_answering"] == 1
    assert found["ringfence_store_fenced"] == 0
    assert found['ringfence_store_seconds_count{kind="write"}'] >= 4
    assert found['ringfence_requests_total{route="/v1/execute",status="200"}'] == 4


def test_what_was_refused_is_counted_by_its_quota(running: ServiceProcess) -> None:
    code = "import time\nprint('begun', flush=True)\ntime.sleep(50)"
    slow = begin(running, code, timeout_seconds=60)
    assert metrics(running)["ringfence_runs_running"] == 1
    reply = running.ask("POST", "/v1/execute", {"code": "print(1)"})
    assert (reply.status, reply.problem) == (429, "quota")
    assert metrics(running)['ringfence_quota_refusals_total{quota="concurrent"}'] == 1
    slow.close()


def test_paths_and_ids_of_clients_are_no_labels(running: ServiceProcess) -> None:
    for number in range(3):
        running.ask("GET", f"/v1/sessions/{SECRET}-{number}")
        running.ask("GET", f"/{SECRET}/{number}")
    found = metrics(running)
    assert not [name for name in found if SECRET in name]
    assert found['ringfence_requests_total{route="(none)",status="404"}'] == 3
    assert found['ringfence_requests_total{route="/v1/sessions/{session_id}",status="404"}'] == 3


def test_each_request_has_one_line_and_no_code_in_it(running: ServiceProcess) -> None:
    reply = running.ask(
        "POST",
        f"/v1/execute?{SECRET}",
        {"code": f"print({SECRET!r})", "session_id": SECRET, "stdin": SECRET},
        {"Authorization": "Basic " + SECRET, "X-Request-ID": SECRET},
    )
    assert reply.status == 401
    reply = running.ask("POST", "/v1/execute", {"code": f"print({SECRET!r})"})
    running.ask("GET", f"/v1/sessions/{SECRET}")
    assert running.stop() == 0
    lines = [one for one in running.events() if one["event"] == "request"]
    assert SECRET not in "\n".join(running.log)
    assert [(one["status"], one["route"]) for one in lines] == [
        (401, "(none)"), (200, "/v1/execute"), (404, "/v1/sessions/{session_id}"),
    ]  # fmt: skip
    first, second, third = lines
    assert first["problem"] == "unauthorized"
    assert third["problem"] == "unknown"
    assert second["request_id"] == reply.headers["x-request-id"]
    assert second["run_id"] == reply.json["run_id"]
    assert second["tenant"] == "local"
    assert second["method"] == "POST"
    assert second["seconds"] > 0
    assert second["sent"] == len(reply.body)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", second["time"])


def test_a_log_that_nobody_reads_keeps_no_run_waiting(tmp_path: Path) -> None:
    with service(tmp_path, log_level="debug") as running:
        # Its standard error is read no more: the pipe is full after 64 KiB.
        running.pause_reading()
        for _ in range(400):
            assert running.ask("GET", "/health").status == 200
        running.go_on_reading()
        assert running.stop() == 0


class _Collector(http.server.BaseHTTPRequestHandler):
    taken: list[ExportTraceServiceRequest] = []

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            data = gzip.decompress(data)
        self.taken.append(ExportTraceServiceRequest.FromString(data))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def traced(home: Path, **settings: str) -> Iterator[ServiceProcess]:
    """A service whose traces are collected here, when it has ended."""
    _Collector.taken.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_port}/v1/traces"
        with service(home, otel_endpoint=endpoint, **settings) as running:
            yield running
            assert running.stop() == 0  # what waits is sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def spans_of(trace: str) -> dict[str, list[Span]]:
    """By their names."""
    found: dict[str, list[Span]] = {}
    for one in _Collector.taken:
        for resource in one.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    if span.trace_id.hex() == trace:
                        found.setdefault(span.name, []).append(span)
    return found


def facts_of(span: Span) -> dict[str, object]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACED = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


def test_traces_are_sent_where_the_operator_said(tmp_path: Path) -> None:
    with traced(tmp_path) as running:
        reply = running.ask("POST", "/v1/execute", {"code": f"print({SECRET!r})"}, TRACED)
        assert reply.status == 200
    spans = spans_of(TRACE)
    (span,) = spans["POST"]
    facts = facts_of(span)
    assert facts["http.route"] == "/v1/execute"
    assert facts["http.status"] == 200
    assert facts["run.id"] == reply.json["run_id"]
    assert sorted(spans) == ["POST", "queue", "run", "start"]
    assert SECRET not in str(_Collector.taken)


def test_what_a_turn_of_a_session_waits_for_is_in_its_trace(tmp_path: Path) -> None:
    with traced(tmp_path) as running:
        running.ask("POST", "/v1/execute", {"code": "1"})  # now the service knows its engine
        code = f"class Odd:\n def __reduce__(self): raise ValueError({SECRET!r})\nx = Odd()\n1/0"
        asked = {"code": code, "session_id": SECRET}
        reply = running.ask("POST", "/v1/execute", asked, TRACED)
        assert reply.json["status"] == "error"
    spans = spans_of(TRACE)
    (request,) = spans.pop("POST")
    engine = reply.json["engine"]
    told = {}
    for name, (span,) in spans.items():
        assert span.parent_span_id == request.span_id
        assert span.start_time_unix_nano >= request.start_time_unix_nano
        assert span.end_time_unix_nano <= request.end_time_unix_nano
        told[name] = facts_of(span)
    run = {"tenant": "local", "engine": engine, "run.id": reply.json["run_id"], "status": "error"}
    assert told == {
        "queue": {"tenant": "local"},
        "start": {"tenant": "local", "engine": engine},
        "run": run,
        "save": {"tenant": "local", "engine": engine, "status": "saved"},
    }
    assert SECRET not in str(_Collector.taken)


def test_a_part_that_failed_is_told_to_have_and_not_why(tmp_path: Path) -> None:
    """Who waits for memory, where all of it is taken, is refused."""
    budget = {"limit_memory": "64MiB", "memory_budget": "64MiB", "queue_seconds": "60"}
    with traced(tmp_path, **budget) as running:
        code = {"code": "x = bytearray(b'x') * (20 << 20)", "session_id": SECRET}
        assert running.ask("POST", "/v1/execute", {**code, "durability": "never"}).status == 200
        refused = running.ask("POST", "/v1/execute", {"code": f"{SECRET!r}"}, TRACED)
        assert refused.problem == "overloaded"
    spans = spans_of(TRACE)
    assert sorted(spans) == ["POST", "queue"]
    assert spans["queue"][0].status == Status(code=Status.STATUS_CODE_ERROR)
    assert SECRET not in str(_Collector.taken)


def test_traces_without_the_extra_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    ended, told = start_in_vain(
        tmp_path, monkeypatch, {"otel_endpoint": "http://127.0.0.1:4318/v1/traces"}
    )
    assert ended == 2
    assert "pip install 'ringfence[tracing]'" in told


def test_metrics_can_be_switched_off(tmp_path: Path) -> None:
    with service(tmp_path, metrics="false") as running:
        assert running.ask("GET", "/metrics").problem == "unknown"


def test_who_comes_through_a_proxy_needs_a_key_for_metrics(running: ServiceProcess) -> None:
    reply = running.ask("GET", "/metrics", headers={"X-Forwarded-For": "10.0.0.1"})
    assert (reply.status, reply.problem) == (401, "unauthorized")


def test_who_leaves_is_no_fault(running: ServiceProcess) -> None:
    request = {"Host": "localhost", "Content-Type": "application/octet-stream"}
    upgrade = {
        "Host": "evil", "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }  # fmt: skip
    for path in ("/v1/sessions/restore", "/v1/sessions/a/files/b", "/v1/execute"):
        with running.connect() as connection:
            method = "PUT" if "files" in path else "POST"
            connection.sendall(head(method, path, {**request, "Content-Length": "100"}) + b"abc")
    with running.connect() as connection:
        connection.sendall(head("GET", "/v1/guests", upgrade))
        assert read_reply(connection).status == 421
    assert running.ask("GET", "/health").status == 200
    assert running.stop() == 0
    assert [one for one in running.events() if one["level"] in ("warning", "error")] == []


def test_answers_that_nobody_reads_are_bounded(tmp_path: Path) -> None:
    with service(tmp_path, answers_bytes=str(1 << 20), body_seconds="60") as running:
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.connect(running.address)
            body = b'{"code": "\'x\' * 15_000_000"}'
            asked = {"Host": "localhost", "Content-Type": "application/json"}
            asked["Content-Length"] = str(len(body))
            connection.sendall(head("POST", "/v1/execute", asked) + body)
            answered = 'ringfence_requests_total{route="/v1/execute",status="200"}'
            while answered not in metrics(running):
                pass
            got = 0
            with contextlib.suppress(ConnectionResetError):
                while part := connection.recv(1 << 20):
                    got += len(part)
        assert got < 15_000_000
        assert run(running, "print(1)")["stdout"] == "1\n"
