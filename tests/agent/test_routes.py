"""Agents over HTTP: a real service, real guests, and a model that a test scripts over a socket."""

from __future__ import annotations

import json
import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.process import ServiceProcess, head, service
from tests.support.model_endpoint import (
    Endpoint,
    Failing,
    Hanging,
    Scripted,
    calling,
    model_endpoint,
    running,
)


def script(number: int, body: dict[str, Any]) -> Scripted:
    """What the model says to a query, by the query's name and how often it was answered."""
    messages: list[dict[str, Any]] = body["messages"]
    query = str(next(one["content"] for one in messages if one["role"] == "user"))
    turn = sum(1 for one in messages if one["role"] == "assistant")
    return SCRIPTS[query.split(":", maxsplit=1)[0]][turn]


SCRIPTS: dict[str, list[Scripted]] = {
    "repair": [running("x = mean([1, 3])"), running("from statistics import mean\nx = mean([1, 3])\nx"), "It is 2."],
    "keep": [running("seen = seen + 1 if 'seen' in dir() else 1\nseen"), "Kept."],
    "steal": [calling({"code": "1", "session_id": "victim"}), "I could not."],
    "long": [running("while True: pass", timeout_seconds=60), running("1", timeout_seconds=2), "Done."],
    "loop": [running("'again'")] * 50,
    "fail": [Failing(401)],
    "fail later": [running("'kept'"), Failing(401)],
    "hang": [Hanging()],
    "hang later": [running("x = 'kept'"), Hanging()],
    "quiet": ["Nothing to run."],
    "markup": [running("print('<script>alert(1)</script>\\x1b[31m')"), "<script>\x1b[2J</script>"],
}  # fmt: skip


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with model_endpoint(script=script) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def served(
    endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    settings = endpoint.variables(TURNS=4, TASKS=2, TASKS_PER_TENANT=1)
    with service(tmp_path_factory.mktemp("service"), **settings) as running_:
        yield running_


def ask(served: ServiceProcess, query: str, **more: Any) -> Any:
    reply = served.ask("POST", "/agent/query", {"query": query, **more})
    assert reply.status == 200, reply
    assert reply.headers["content-type"] == "application/json"
    return reply.json


def problem(
    served: ServiceProcess, body: Any, path: str = "/agent/query", **headers: str
) -> tuple[int, str, str]:
    reply = served.ask("POST", path, body, headers)
    return reply.status, reply.problem, reply.json["detail"]


def sessions(served: ServiceProcess) -> list[str]:
    return [one["id"] for one in served.ask("GET", "/v1/sessions").json["sessions"]]


# --- POST /agent/query ---------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["simple", "standard"])
@pytest.mark.parametrize(
    "query",
    [
        "Execute Python: print(input())\n6 * 7",
        "execute PYTHON:\n```python\nprint(input())\n6 * 7\n```",
    ],
)
def test_code_runs_as_it_is(
    served: ServiceProcess, endpoint: Endpoint, query: str, mode: str
) -> None:
    before = len(endpoint.requests)
    answer = ask(served, query, mode=mode, stdin="hello\n", tools=["python_executor"])
    assert answer["answer"] == "hello\n42"
    assert (answer["mode"], answer["status"]) == (mode, "answered")
    assert [step["kind"] for step in answer["steps"]] == ["ran"]
    [result] = answer["results"]
    assert (result["value"], result["session"]) == (42, None)
    assert result["run_id"].startswith("run_")
    assert answer["usage"]["requests"] == 0
    assert len(endpoint.requests) == before


def test_a_model_repairs_and_answers(served: ServiceProcess) -> None:
    answer = ask(served, "repair: the mean of 1 and 3")
    assert answer["answer"] == "It is 2."
    assert [one["status"] for one in answer["results"]] == ["error", "ok"]
    assert [one["session"]["created"] for one in answer["results"]] == [True, False]
    assert answer["usage"]["input_tokens"] == 300


def test_a_task_has_a_session_of_its_own_that_ends_with_it(served: ServiceProcess) -> None:
    assert [ask(served, "keep: it")["results"][0]["value"] for _ in range(2)] == [1, 1]
    assert [one for one in sessions(served) if one.startswith("agent-")] == []


def test_a_session_that_is_named_stays(served: ServiceProcess) -> None:
    values = [ask(served, "keep: it", session_id="mine")["results"][0]["value"] for _ in range(2)]
    assert values == [1, 2]
    assert ask(served, "Execute Python: seen", session_id="mine")["answer"] == "2"


def test_what_a_model_asks_for_is_bounded_by_the_request(served: ServiceProcess) -> None:
    served.ask("POST", "/v1/execute", {"code": "secret = 1", "session_id": "victim"})
    stolen = ask(served, "steal: it", session_id="own")
    assert stolen["results"] == []
    assert "only 'own' is" in stolen["steps"][0]["reason"]
    slow = ask(served, "long: it", timeout_seconds=2)
    assert [step["kind"] for step in slow["steps"]] == ["refused", "ran", "said"]
    assert slow["steps"][1]["timeout_seconds"] == 2


def test_a_model_that_loops_is_bounded(served: ServiceProcess) -> None:
    answer = ask(served, "loop: for ever")
    assert (answer["answer"], answer["status"], answer["bound"]) == (None, "bounded", "turns")
    assert len(answer["results"]) == 4


def test_a_model_that_fails(served: ServiceProcess) -> None:
    assert problem(served, {"query": "fail: now"}) == (
        502,
        "model-failed",
        "the model's endpoint answered 401",
    )
    later = ask(served, "fail later: now")
    assert (later["status"], later["results"][0]["value"]) == ("failed", "kept")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"query": "x", "mode": "smart"}, 422, "mode"),
        ({"query": "x", "mode": None}, 422, "mode"),
        ({"query": ""}, 422, "query"),
        ({"query": " \n"}, 422, "query"),
        ({"query": "Execute Python:"}, 422, "query"),
        ({"query": 5}, 422, "query"),
        ({}, 422, "query"),
        ({"query": "x", "tools": []}, 422, "tools"),
        ({"query": "x", "tools": ["bash"]}, 422, "tools"),
        ({"query": "x", "tools": ["python_executor", "python_executor"]}, 422, "tools"),
        ({"query": "x", "session_id": "a/b"}, 422, "session_id"),
        ({"query": "x", "timeout_seconds": 61}, 422, "timeout_seconds"),
        ({"query": "x", "timeout_seconds": 0.5}, 422, "timeout_seconds"),
        ({"query": "x", "engine": "native"}, 422, "engine"),
        (b"{", 400, "the body"),
        (b'{"query": "Execute Python: \'\\ud800\'"}', 400, "the body"),
    ],
)
def test_a_query_is_checked(
    served: ServiceProcess, endpoint: Endpoint, body: Any, status: int, field: str
) -> None:
    before = len(endpoint.requests)
    got, name, detail = problem(served, body)
    assert (got, name) == (status, "malformed")
    assert field in detail
    assert len(endpoint.requests) == before


def test_code_with_a_key_is_run_once(served: ServiceProcess) -> None:
    body = {"query": "Execute Python: n = n + 1 if 'n' in dir() else 1\nn", "session_id": "keyed"}
    key = {"Idempotency-Key": "k1"}
    answers = [served.ask("POST", "/agent/query", body, key).json["answer"] for _ in range(3)]
    assert answers == ["1", "1", "1"]
    other = {**body, "query": "Execute Python: 5"}
    assert problem(served, other, **key)[:2] == (422, "key-reused")


def test_a_model_works_once_for_a_key(served: ServiceProcess, endpoint: Endpoint) -> None:
    before = len(endpoint.requests)
    body, key = {"query": "keep: it", "session_id": "model-keyed"}, {"Idempotency-Key": "m1"}
    first, second = (served.ask("POST", "/agent/query", body, key) for _ in range(2))
    assert first.json["results"][0]["value"] == 1
    assert second.json == first.json
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert len(endpoint.requests) == before + 2
    assert problem(served, {"query": "quiet: x"}, **key)[:2] == (422, "key-reused")
    assert problem(served, body, **{"Idempotency-Key": "x" * 201})[:2] == (422, "malformed")


def test_a_key_of_a_task_that_ran_nothing_may_be_used_again(served: ServiceProcess) -> None:
    key = {"Idempotency-Key": "m2"}
    for _ in range(2):
        assert problem(served, {"query": "fail: now"}, **key)[:2] == (502, "model-failed")


def test_who_leaves_a_task_with_a_key_finds_its_answer(
    served: ServiceProcess, endpoint: Endpoint
) -> None:
    before = len(endpoint.requests)
    body, key = {"query": "repair: x"}, {"Idempotency-Key": "m3"}
    with served.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        send(served, connection, body, **key)
        wait_for_request(endpoint, before)
    assert served.ask("POST", "/agent/query", body, key).json["answer"] == "It is 2."
    assert len(endpoint.requests) == before + 3


def test_a_model_does_not_work_again_after_a_kill(endpoint: Endpoint, tmp_path: Path) -> None:
    body, key = {"query": "hang later: x", "session_id": "s"}, {"Idempotency-Key": "m4"}
    settings = endpoint.variables()
    with service(tmp_path, **settings) as served:
        before = len(endpoint.requests)
        with served.connect() as connection:
            send(served, connection, body, **key)
            wait_for_request(endpoint, before + 1)
            served.stop(signal.SIGKILL)
    with service(tmp_path, **settings) as served:
        status, name, detail = problem(served, body, **key)
        assert (status, name) == (409, "interrupted")
        assert "not worked on again" in detail
        assert ask(served, "Execute Python: x", session_id="s")["answer"] == "'kept'"
    assert len(endpoint.requests) == before + 2


def test_who_leaves_ends_the_task_and_makes_room_for_another(
    served: ServiceProcess, endpoint: Endpoint
) -> None:
    before = len(endpoint.requests)
    with served.connect() as connection:
        # It is reset when it is closed; one that only ends might be half-closed, and is answered.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        send(served, connection, {"query": "hang: here"})
        wait_for_request(endpoint, before)
        status, name, detail = problem(served, {"query": "quiet: x"})
        assert (status, name) == (429, "quota")
        assert detail == "agent tasks: 1 at once are a tenant's quota"
        assert ask(served, "Execute Python: 1")["answer"] == "1"  # code needs no model
    reply = served.ask("POST", "/agent/query", {"query": "quiet: x"})
    while reply.status == 429:  # until the service has seen that the client left
        reply = served.ask("POST", "/agent/query", {"query": "quiet: x"})
    assert reply.json["answer"] == "Nothing to run."


def test_steps_come_as_events(served: ServiceProcess) -> None:
    events = stream(served, {"query": "repair: the mean"})
    assert [name for name, _ in events] == ["step", "step", "step", "answer"]
    assert [data["kind"] for _, data in events[:3]] == ["ran", "ran", "said"]
    assert events[0][1]["reply"]["error"]["type"] == "NameError"
    assert events[-1][1]["answer"] == "It is 2."
    assert [one["status"] for one in events[-1][1]["results"]] == ["error", "ok"]


def test_a_stream_that_is_refused_has_a_status(served: ServiceProcess) -> None:
    accept = {"Accept": "text/event-stream"}
    assert problem(served, {"query": "fail: now"}, **accept)[:2] == (502, "model-failed")
    assert problem(served, {"query": "Execute Python:"}, **accept)[:2] == (422, "malformed")


def test_texts_of_models_and_guests_are_data(served: ServiceProcess) -> None:
    reply = served.ask("POST", "/agent/query", {"query": "markup: x"})
    assert reply.json["answer"] == "<script>\x1b[2J</script>"
    assert b"\x1b" not in reply.body
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_tasks_of_models_are_in_the_audit_log_however_they_end(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    with service(tmp_path, **endpoint.variables(TURNS=2)) as served:
        ask(served, "quiet: x")
        ask(served, "Execute Python: 1")
        ask(served, "loop: x")
        assert problem(served, {"query": "fail: x"})[:2] == (502, "model-failed")
        for query, asked in (("hang: x", 1), ("hang later: x", 2)):
            before = len(endpoint.requests)
            with served.connect() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                send(served, connection, {"query": query})
                wait_for_request(endpoint, before + asked - 1)
        before = len(endpoint.requests)
        with served.connect() as connection:
            send(served, connection, {"query": "hang: x"}, **{"Idempotency-Key": "at-the-end"})
            wait_for_request(endpoint, before)
            assert served.stop() == 0
    rows = audited(tmp_path)
    ended = [(row["status"], row["usage"]["requests"], row["runs"]) for row in rows]
    assert ended[:3] == [("answered", 1, 0), ("bounded", 2, 2), ("failed", 1, 0)]
    assert sorted(ended[3:]) == [("cancelled", 1, 0), ("cancelled", 1, 0), ("cancelled", 2, 1)]
    assert b"quiet: x" not in (tmp_path / "service.db").read_bytes()


def test_tasks_count_as_runs(endpoint: Endpoint, tmp_path: Path) -> None:
    variables = endpoint.variables(TASKS_PER_TENANT=4)
    with service(tmp_path, **variables, quota_concurrent="1", quota_per_minute="6") as served:
        assert ask(served, "repair: x")["answer"] == "It is 2."  # 3: it, and two runs within it
        before = len(endpoint.requests)
        with served.connect() as connection:
            send(served, connection, {"query": "hang: x"}, **{"Idempotency-Key": "hang"})  # 4
            wait_for_request(endpoint, before)
            for query in ("quiet: x", "Execute Python: 1"):
                status, name, detail = problem(served, {"query": query})
                assert (status, name) == (429, "quota")
                assert detail == "the quota concurrent is used up: at most 1 runs at once"
        assert len(endpoint.requests) == before + 1


def test_tasks_of_a_minute_are_bounded(endpoint: Endpoint, tmp_path: Path) -> None:
    before = len(endpoint.requests)
    with service(tmp_path, **endpoint.variables(), quota_per_minute="3") as served:
        replies = [served.ask("POST", "/agent/query", {"query": "quiet: x"}) for _ in range(5)]
        assert [reply.status for reply in replies] == [200, 200, 200, 429, 429]
        assert "the quota per-minute is used up" in replies[3].json["detail"]
        assert int(replies[3].headers["retry-after"]) >= 1
        key = {"Idempotency-Key": "again"}
        assert problem(served, {"query": "quiet: x"}, **key)[:2] == (429, "quota")
        assert problem(served, {"query": "quiet: x"}, **key)[:2] == (429, "quota")
    assert len(endpoint.requests) == before + 3


def test_a_query_for_a_model_is_bounded(served: ServiceProcess, endpoint: Endpoint) -> None:
    before = len(endpoint.requests)
    status, name, detail = problem(served, {"query": "x" * 65_537})
    assert (status, name) == (422, "malformed")
    assert detail.startswith("query: ")
    assert "65,536 bytes" in detail
    assert len(endpoint.requests) == before
    assert ask(served, f"Execute Python: {'#' * 100_000}\n1")["answer"] == "1"


def test_a_task_that_a_bound_forbids_asks_no_model(endpoint: Endpoint, tmp_path: Path) -> None:
    before = len(endpoint.requests)
    bounds = {"TOKENS": "0", "SPEND": "0.05", "PRICE_IN": "3", "PRICE_OUT": "0"}
    with service(tmp_path, **endpoint.variables(QUERY=4 << 20, **bounds)) as served:
        answer = ask(served, "x" * (4 << 20))
        assert (answer["status"], answer["bound"]) == ("bounded", "spend")
        assert ask(served, "quiet: x")["status"] == "answered"
    assert len(endpoint.requests) == before + 1


def test_models_work_for_keys_with_the_scope_agent(endpoint: Endpoint, tmp_path: Path) -> None:
    with service(tmp_path, **endpoint.variables()) as served:
        create = [sys.executable, "-m", "ringfence", "keys", "create", "ada"]
        create += ["--database", f"sqlite:///{tmp_path / 'service.db'}"]
        keys = [
            re.findall(
                r"rfk_[\w-]+",
                subprocess.run(
                    [*create, *scopes], capture_output=True, text=True, check=True
                ).stdout,
            )[-1]
            for scopes in ([], ["--scope", "run", "--scope", "agent"])
        ]
        replies = [
            served.ask("POST", "/agent/query", {"query": query}, {"Authorization": f"Bearer {key}"})
            for key in keys
            for query in ("Execute Python: 1", "quiet: x")
        ]
        assert [reply.status for reply in replies] == [200, 403, 200, 200]
        assert replies[1].problem == "not-allowed"
        assert served.ask("POST", "/agent/query", {"query": "quiet: x"}).problem == "unauthorized"


@pytest.fixture(scope="module")
def modelless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with service(tmp_path_factory.mktemp("service")) as running_:
        yield running_


def test_without_a_model_code_runs_and_words_say_what_to_set(modelless: ServiceProcess) -> None:
    assert ask(modelless, "Execute Python: 6 * 7")["answer"] == "42"
    status, name, detail = problem(modelless, {"query": "What is 6 * 7?"})
    assert (status, name) == (503, "no-model")
    assert "RINGFENCE_AGENT_MODEL" in detail


# --- POST /v1/tools/python_executor --------------------------------------------------------------


def tool(served: ServiceProcess, code: str, **more: Any) -> Any:
    body = {"tool": "python_executor", "parameters": {"code": code, **more}}
    reply = served.ask("POST", "/v1/tools/python_executor", body)
    assert reply.status == 200, reply
    return reply.json


def test_the_tool_keeps_all_of_a_session(modelless: ServiceProcess) -> None:
    made = tool(
        modelless,
        "class Point:\n    def __init__(self, x): self.x = x\ndef double(p): return Point(p.x * 2)\n"
        "import math\npoint = Point(21)\nnumbers = {1, 2}\nprint(input(), len(numbers))",
        session_id="tool",
        stdin="line\n",
    )
    assert (made["tool"], made["ok"], made["output"], made["error"]) == (
        "python_executor",
        True,
        "line 2\n",
        None,
    )
    assert made["result"]["session"] == {
        "id": "tool",
        "created": True,
        "turn": 1,
        "state": "kept",
        "restored": False,
        "lost": [],
    }
    used = tool(modelless, "print(math.floor(2.5))\ndouble(point).x", session_id="tool")
    assert used["output"] == "2\n42"


def test_the_tool_tells_what_went_wrong(modelless: ServiceProcess) -> None:
    raised = tool(modelless, "print('before')\n1 / 0")
    assert (raised["ok"], raised["output"], raised["error"]) == (
        False,
        "before\nZeroDivisionError: division by zero",
        "ZeroDivisionError: division by zero",
    )
    slow = tool(modelless, "while True: pass", timeout_seconds=1)
    assert (slow["ok"], slow["result"]["limit"], slow["output"]) == (False, "wall", "limit: wall")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tool": "bash", "parameters": {"code": "1"}}, "tool"),
        ({"parameters": {"code": "1"}}, "tool"),
        ({"tool": "python_executor"}, "parameters"),
        ({"tool": "python_executor", "parameters": {}}, "parameters.code"),
        (
            {"tool": "python_executor", "parameters": {"code": "1", "timeout_seconds": 0}},
            "timeout_seconds",
        ),
        (
            {"tool": "python_executor", "parameters": {"code": "1", "timeout_seconds": 61}},
            "timeout_seconds",
        ),
        (
            {"tool": "python_executor", "parameters": {"code": "1", "session_id": "../x"}},
            "session_id",
        ),
        ({"tool": "python_executor", "parameters": {"code": "1", "network": True}}, "network"),
    ],
)
def test_the_tool_is_checked(modelless: ServiceProcess, body: Any, field: str) -> None:
    status, name, detail = problem(modelless, body, "/v1/tools/python_executor")
    assert (status, name) == (422, "malformed")
    assert field in detail


def test_the_tool_runs_once_for_a_key(modelless: ServiceProcess) -> None:
    body = {"tool": "python_executor", "parameters": {"code": "import random\nrandom.random()"}}
    key = {"Idempotency-Key": "tool-1"}
    first, second = (
        modelless.ask("POST", "/v1/tools/python_executor", body, key) for _ in range(2)
    )
    assert first.body == second.body
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


# --- how a client of bytes does it ---------------------------------------------------------------


def send(served: ServiceProcess, connection: Any, body: Any, **headers: str) -> None:
    data = json.dumps(body).encode()
    given = {
        "Host": f"127.0.0.1:{served.address[1]}",
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
        **headers,
    }
    connection.sendall(head("POST", "/agent/query", given) + data)


def audited(home: Path) -> list[Any]:
    """What the audit log of a service that has ended says of tasks, in order."""
    show = [sys.executable, "-m", "ringfence", "audit", "show", "--kind", "agent.task", "--json"]
    show += ["--database", f"sqlite:///{home / 'service.db'}"]
    shown = subprocess.run(show, capture_output=True, text=True, check=True).stdout
    return [json.loads(line)["details"] for line in shown.splitlines()]


def wait_for_request(endpoint: Endpoint, before: int) -> None:
    with endpoint.news:
        assert endpoint.news.wait_for(lambda: len(endpoint.requests) > before, timeout=60)


def stream(served: ServiceProcess, body: Any) -> list[tuple[str, Any]]:
    reply = served.ask("POST", "/agent/query", body, {"Accept": "text/event-stream"})
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/event-stream")
    events = []
    for block in reply.body.decode().strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        events.append((lines["event"], json.loads(lines["data"])))
    return events
