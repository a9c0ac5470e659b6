"""Requests that are sent again, how long is waited, and what never is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ringfence import Output
from ringfence.client.retrying import Patience
from ringfence.errors import (
    ConfigurationError,
    Interrupted,
    PolicyNotEnforceable,
    QuotaExceeded,
    RingfenceError,
    ServiceError,
    ServiceUnavailable,
    SessionBusy,
    SessionLost,
)
from ringfence.model import array_frame
from tests.client.facades import close_client, make_client
from tests.client.scripted import REPLY, Scripted, answer, event, events, problem, scripted


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waits.append(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Asking:
    """Makes clients of scripted services."""

    def __init__(self, face: str, clock: Clock) -> None:
        self._face, self._clock = face, clock
        self.made: list[Any] = []

    def __call__(self, service: Scripted | str, **options: Any) -> Any:
        patience = Patience(clock=self._clock, chance=lambda: 1.0, **options)
        url = service if isinstance(service, str) else service.url
        self.made.append(
            make_client(self._face, url, patience=patience, sleep=self._clock.sleep, most="1MiB")
        )
        return self.made[-1]


@pytest.fixture
def ask(face: str, clock: Clock) -> Iterator[Asking]:
    asking = Asking(face, clock)
    yield asking
    for one in asking.made:
        close_client(one)


def hang_up(connection: socket.socket) -> None:
    """No answer."""


# --- whatever runs --------------------------------------------------------------------------


def test_a_run_is_sent_again_under_the_same_key(ask: Asking, clock: Clock) -> None:
    with scripted(
        hang_up,
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        problem("overloaded", 503, retry_after="2"),
        answer(b"", 502),
        answer(REPLY),
    ) as service:
        assert ask(service).run("6 * 7").value == 42
    assert clock.waits == [0.1, 0.2, 2.0, 0.8]
    assert len(set(service.keys)) == 1
    assert service.keys[0]
    assert service.bodies() == [{"code": "6 * 7"}] * 5


def test_every_run_has_a_key_of_its_own(ask: Asking) -> None:
    with scripted(answer(REPLY), answer(REPLY)) as service:
        client = ask(service)
        client.run("1")
        client.run("1")
    assert len(set(service.keys)) == 2


def test_so_is_a_call_of_a_plugin(ask: Asking, clock: Clock) -> None:
    told = array_frame.pack({"ok": True, "value": "town 3", "failures": []}, limit=1 << 20)
    with scripted(
        hang_up, problem("overloaded", 503, retry_after="2"), answer(told), answer(told)
    ) as service:
        towns = ask(service).plugin("towns")
        assert towns.find(customer=3) == "town 3"
        assert towns.find(customer=3) == "town 3"
    assert clock.waits == [0.1, 2.0]
    assert service.keys[0] is not None
    assert service.keys[0] == service.keys[1] == service.keys[2] != service.keys[3]


def test_attempts_come_to_an_end(ask: Asking, clock: Clock) -> None:
    with scripted(*[hang_up] * 3) as service, pytest.raises(ServiceUnavailable) as unreached:
        ask(service, attempts=3).run("1")
    assert str(unreached.value).startswith("the service did not answer: ")
    assert (clock.waits, len(service.asked)) == ([0.1, 0.2], 3)


def test_so_does_the_time(ask: Asking, clock: Clock) -> None:
    with (
        scripted(
            problem("quota", 429, retry_after="40"), problem("quota", 429, retry_after="30")
        ) as service,
        pytest.raises(QuotaExceeded) as refused,
    ):
        ask(service).run("1")
    assert clock.waits == [40.0]
    assert (refused.value.problem, refused.value.retry_after) == ("quota", 30.0)


def test_nobody_is_there(ask: Asking, clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ServiceUnavailable):
        ask(url, attempts=4).run("1")
    assert clock.waits == [0.1, 0.2, 0.4]


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("interrupted", 409, Interrupted),
        ("busy", 409, SessionBusy),
        ("lost", 410, SessionLost),
        ("key-reused", 422, ConfigurationError),
        ("not-allowed", 422, PolicyNotEnforceable),
        ("internal", 500, ServiceError),
        ("something-new", 418, ServiceError),
    ],
)
def test_what_was_answered_is_not_asked_again(
    ask: Asking, clock: Clock, name: str, status: int, error: type[RingfenceError]
) -> None:
    with scripted(problem(name, status)) as service, pytest.raises(RingfenceError) as refused:
        ask(service).run("1")
    assert type(refused.value) is error
    assert f"it is {name}" in str(refused.value)
    assert clock.waits == []


def test_what_may_have_been_done_is_not_done_again(ask: Asking, clock: Clock) -> None:
    """A copy has no key: one that may have been made is not made twice."""
    info = {
        "id": "a", "created": "", "used": "", "turns": 0, "live": True, "saved_turn": None, "state_bytes": 0,
        "durability": "per-turn", "engine": "native", "packages": [], "limits": {}, "lost": [],
    }  # fmt: skip
    with scripted(answer(info, 201), hang_up) as service:
        box = ask(service).session("a").start()
        with pytest.raises(ServiceUnavailable):
            box.fork()
    assert clock.waits == []
    with scripted(
        answer(info, 201),
        problem("overloaded", 503, retry_after="1"),
        answer({**info, "exact": True}, 201),
    ) as service:
        assert ask(service).session("a").start().fork("b").id == "a"
    assert clock.waits == [1.0]


# --- streams --------------------------------------------------------------------------------


def test_a_stream_goes_on_after_the_last_event(ask: Asking, clock: Clock) -> None:
    with scripted(
        hang_up,
        events(event(1, "run", {"run_id": "run_1"}), event(2, "stdout", {"text": "a"})),
        problem("overloaded", 503, retry_after="3"),
        events(event(3, "stdout", {"text": "b"}), b": ping\n\n", event(4, "missed", {})),
        events(event(5, "result", REPLY)),
    ) as service:
        *said, result = ask(service).stream("code")
    assert said == [Output("stdout", "a"), Output("stdout", "b")]
    assert result.value == 42
    assert [(one[0], one[1], one[2].get("last-event-id")) for one in service.asked] == [
        ("POST", "/v1/execute", None),
        ("POST", "/v1/execute", None),
        ("GET", "/v1/runs/run_1/events", "run_1.2"),
        ("GET", "/v1/runs/run_1/events", "run_1.2"),
        ("GET", "/v1/runs/run_1/events", "run_1.4"),
    ]
    assert service.keys[0] == service.keys[1]
    assert clock.waits == [0.1, 0.1, 3.0, 0.1]


def test_a_run_that_nobody_knows_any_more_is_asked_for_by_its_key(ask: Asking) -> None:
    with scripted(
        events(event(1, "run", {"run_id": "run_1"}), event(2, "stdout", {"text": "a"})),
        problem("unknown", 404),
        events(event(1, "run", {"run_id": "run_2"}), event(2, "result", REPLY)),
    ) as service:
        *said, result = ask(service).stream("code")
    assert (said, result.value) == ([Output("stdout", "a")], 42)
    assert service.keys[0] == service.keys[2]


def test_who_leaves_a_stream_early_ends_the_run(ask: Asking) -> None:
    begun = events(event(1, "run", {"run_id": "run_1"}), event(2, "stdout", {"text": "a"}))
    with scripted(begun, answer({"cancelled": True}, 202)) as service:
        stream = ask(service).stream("code")
        assert next(stream) == Output("stdout", "a")
        stream.close()
    assert [(one[0], one[1]) for one in service.asked] == [
        ("POST", "/v1/execute"),
        ("POST", "/v1/runs/run_1/cancel"),
    ]


def test_a_stream_that_is_left_behind_asks_nothing_of_a_closed_client(clock: Clock) -> None:
    begun = events(event(1, "run", {"run_id": "run_1"}), event(2, "stdout", {"text": "a"}))
    with scripted(begun) as service:
        client = make_client("sync", service.url, sleep=clock.sleep)
        stream = client.stream("code")
        next(stream)
        client.close()
        stream.close()
    assert len(service.asked) == 1


def test_a_stream_that_ends_in_a_problem(ask: Asking) -> None:
    told = {"type": "urn:ringfence:problem:interrupted", "detail": "the server ended while it ran"}
    with (
        scripted(
            events(event(1, "run", {"run_id": "run_1"}), event(2, "problem", told))
        ) as service,
        pytest.raises(Interrupted, match="the server ended while it ran"),
    ):
        list(ask(service).stream("code"))


# --- what a service may say -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (answer(b"no JSON"), "the service answered what is no JSON: no JSON"),
        (answer([1]), "the service answered no object"),
        (
            answer({**REPLY, "status": "fine"}),
            "something else than it should: status: none of a result's",
        ),
        (answer({**REPLY, "value": {"$type": "module"}}), 'value: an object whose "$type" is none'),
        (answer({**REPLY, "session": {"id": 5}}), "id: no text of a few characters"),
        (answer(b'{"a": ' + b"[" * 50_000), "what is no JSON"),
        (answer(b"x" * (2 << 20)), "the service answered more than 1048576 bytes"),
        (answer({"type": 5, "detail": ["x"]}, 500), "the service answered 500"),
        (answer({}, 302, location="http://127.0.0.1:1/"), "the service answered 302"),
    ],
    ids=range(9),
)
def test_an_answer_that_is_none(ask: Asking, said: bytes, message: str) -> None:
    with scripted(said) as service, pytest.raises(ServiceError) as refused:
        ask(service, attempts=1).run("1")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (event(1, "run", {"run_id": "../x"}), "the service told no run's id"),
        (event(1, "stdout", {"text": 5}), "text: no text"),
        (event(1, "progress", {"fraction": "x", "message": ""}), "progress: no fraction and message"),
        (event(1, "display", [1]), "display: no object"),
        (event(1, "result", {}), "result: without abandoned"),
        (b"data: " + b"x" * (2 << 20), "an event of more than 1048576 bytes"),
        (b"event: \xff\n\n", "the service sent an event without a name"),
    ],
    ids=range(7),
)  # fmt: skip
def test_an_event_that_is_none(ask: Asking, said: bytes, message: str) -> None:
    with scripted(events(said)) as service, pytest.raises(ServiceError) as refused:
        list(ask(service).stream("1"))
    assert message in str(refused.value)
