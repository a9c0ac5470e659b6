"""The tracing seam: what the host did, as it happens."""

from __future__ import annotations

from typing import Any

import pytest

import ringfence
from ringfence import GuestVisibleError, Limits, SandboxClosed
from tests.conformance.conftest import Make, MakeAsync, Run, finish


class _Log:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def __call__(self, event: Any) -> None:
        self.events.append(event)

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def one(self, kind: str) -> dict[str, Any]:
        (found,) = [dict(event.details) for event in self.events if event.kind == kind]
        return found


def add(a: int) -> int:
    return a + 1


_KINDS = ["start", "turn_start", "call_start", "call_end", "turn_end", "close"]


@pytest.mark.requirement("trace.events")
def test_events_of_run(run: Run, engine: str) -> None:
    log = _Log()
    result = run("add(1)", functions=[add], trace=log)
    assert log.kinds == _KINDS
    assert log.one("start") == {"engine": engine, "walls": sorted(result.walls)}
    assert log.one("turn_start") == {"request": "run"}
    assert log.one("call_start") == {"name": "add"}
    assert log.one("call_end") == {"name": "add", "ok": True}
    assert log.one("turn_end") == {"status": "ok", "limit": None}
    assert [event.turn for event in log.events] == [0, 1, 1, 1, 1, 1]
    assert len({event.sandbox for event in log.events}) == 1
    times = [event.time for event in log.events]
    assert times == sorted(times)


@pytest.mark.requirement("trace.events")
def test_events_of_a_session(make: Make) -> None:
    log = _Log()
    box = make(trace=log)
    box.run("def f(): pass")
    box.call("f")
    box.run("1/0")
    box.close()
    assert log.kinds == ["start", *["turn_start", "turn_end"] * 3, "close"]
    assert [event.details["request"] for event in log.events if event.kind == "turn_start"] == [
        "run",
        "call",
        "run",
    ]
    assert [event.details["status"] for event in log.events if event.kind == "turn_end"] == [
        "ok",
        "ok",
        "error",
    ]
    assert [event.turn for event in log.events] == [0, 1, 1, 2, 2, 3, 3, 3]


@pytest.mark.requirement("trace.events")
def test_sandboxes_have_numbers(make: Make) -> None:
    logs = [_Log(), _Log()]
    for log in logs:
        make(trace=log)
    assert logs[0].events[0].sandbox != logs[1].events[0].sandbox


@pytest.mark.requirement("trace.stops")
def test_interrupt_and_kill(make: Make) -> None:
    log = _Log()
    box = make(trace=log, limits=Limits(wall=0.2))
    box.run("while True: len('')")
    assert log.kinds == ["start", "turn_start", "interrupt", "turn_end"]
    assert log.one("turn_end") == {"status": "limit", "limit": "wall"}
    box.run("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: len('')")
    assert log.kinds[4:] == ["turn_start", "interrupt", "kill", "turn_end"]


@pytest.mark.requirement("trace.calls")
def test_failed_calls_show_the_exception_to_the_host(make: Make) -> None:
    secret = RuntimeError("password")

    def fail() -> None:
        raise secret

    def visible() -> None:
        raise GuestVisibleError("look")

    log = _Log()
    box = make(functions=[fail, visible, add], trace=log)
    for code in ("fail()", "visible()", "add('x')"):
        assert box.run(code).status == "error"
    ended = [event.details for event in log.events if event.kind == "call_end"]
    assert [end["ok"] for end in ended] == [False, False, False]
    assert ended[0]["error"] is secret
    assert type(ended[1]["error"]) is GuestVisibleError
    assert type(ended[2]["error"]) is ringfence.ValidationFailed


@pytest.mark.requirement("trace.events", "tasks.parity")
def test_events_under_the_async_shell(make_async: MakeAsync) -> None:
    log = _Log()

    async def later(a: int) -> int:
        return a

    async def work() -> None:
        async with make_async(functions=[later], trace=log) as box:
            await box.run("await later(1)")

    finish(work())
    assert log.kinds == _KINDS


@pytest.mark.requirement("trace.events")
def test_exception_of_the_trace_is_the_callers(make: Make) -> None:
    def trace(event: Any) -> None:
        if event.kind == "call_start":
            raise LookupError("in the trace")

    box = make(functions=[add], trace=trace)
    with pytest.raises(LookupError, match="in the trace"):
        box.run("add(1)")
    assert box.alive is False


@pytest.mark.requirement("trace.events")
def test_a_turn_that_the_trace_breaks_off_as_it_begins_is_the_last(make: Make) -> None:
    """What the guest was told before, and what not, is not known."""

    def trace(event: Any) -> None:
        if event.kind == "turn_start":
            raise LookupError("in the trace")

    box = make(functions=[add], trace=trace)
    with pytest.raises(LookupError, match="in the trace"):
        box.run("add(1)")
    assert box.alive is False
    with pytest.raises(SandboxClosed):
        box.run("add(1)")
