"""Cancelling and closing, from other threads and tasks, wherever the guest is.

A host function that the guest calls is the signal that it has got there; nothing here sleeps.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

import ringfence
from ringfence import host_function
from tests.conformance.conftest import LEVEL, Make, MakeAsync, finish

_PLACES = {
    "busy": "here()\nwhile True: len('')",
    "busy-in-c": "here()\n10 ** 10 ** 9",
    "sleep": "import time\nhere()\ntime.sleep(1000)",
    "async-sleep": "import asyncio\nhere()\nawait asyncio.sleep(1000)",
    "input": "here()\nimport threading\nthreading.Event().wait()",
    "printing": "here()\nwhile True: len(repr('x'))",
}


class _There:
    """Says when the guest has called ``here()``."""

    def __init__(self) -> None:
        self.arrived = threading.Event()

    def here(self) -> None:
        self.arrived.set()


def _meanwhile(work: Callable[[], Any], action: Callable[[], Any]) -> Any:
    """Run ``work`` in a thread, and ``action`` in this one; returns what ``work`` returned."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # handed to the test's own thread
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        action()
    finally:
        thread.join()
    return outcome[0]


# --- cancel ---------------------------------------------------------------------------------


@pytest.mark.requirement("cancel.busy", "cancel.sleep", "cancel.state")
@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.usefixtures("patience")
def test_cancel_from_another_thread(make: Make, place: str) -> None:
    there = _There()
    box = make(functions=[there.here])
    box.run("kept = 5").raise_for_status()

    def cancel() -> None:
        there.arrived.wait()
        assert box.cancel() is True

    result = _meanwhile(lambda: box.run(_PLACES[place]), cancel)
    assert (result.status, result.limit, result.value) == ("cancelled", None, None)
    assert (result.error.type, result.error.message) == ("Cancelled", "the caller cancelled")
    assert result.alive is True
    assert box.run("kept").value == 5


@pytest.mark.requirement("cancel.host-call")
@pytest.mark.parametrize("kind", ["async", "threaded"])
@pytest.mark.usefixtures("patience")
def test_cancel_during_a_host_call(make: Make, kind: str) -> None:
    arrived, released, cancelled = threading.Event(), threading.Event(), threading.Event()

    async def wait_async() -> None:
        arrived.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    def wait() -> None:
        arrived.set()
        released.wait()

    function: Any = wait_async if kind == "async" else host_function(wait, threaded=True)
    box = make(functions={"wait": function})

    def cancel() -> None:
        arrived.wait()
        assert box.cancel() is True

    try:
        code = "await wait()" if kind == "async" else "wait()"
        result = _meanwhile(lambda: box.run(code), cancel)
        assert result.status == "cancelled"
        assert result.abandoned == (() if kind == "async" else ("wait",))
        if kind == "async":
            assert cancelled.wait(30)
        assert result.alive is True
        assert box.run("1").value == 1
    finally:
        released.set()


@pytest.mark.requirement("cancel.host-call")
@pytest.mark.usefixtures("patience")
def test_cancel_from_within_a_host_function(make: Make) -> None:
    def stop() -> None:
        assert box.cancel() is True

    box = make(functions=[stop])
    result = box.run("stop()\nwhile True: len('')")
    assert result.status == "cancelled"
    assert result.alive is True
    assert box.run("1").value == 1


@pytest.mark.requirement("cancel.stubborn")
@pytest.mark.parametrize(
    "code",
    [
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nhere()\nwhile True: len('')",
        "import time\nwhile True:\n    try:\n        here()\n        time.sleep(1000)\n    except BaseException:\n        len('')",
    ],
)
def test_cancel_of_a_guest_that_ignores_it(make: Make, code: str) -> None:
    there = _There()
    box = make(functions=[there.here])

    def cancel() -> None:
        there.arrived.wait()
        box.cancel()

    result = _meanwhile(lambda: box.run(code), cancel)
    assert (result.status, result.alive) == ("cancelled", False)
    assert box.alive is False


@pytest.mark.requirement("cancel.nothing")
def test_cancel_of_nothing(make: Make, engine: str) -> None:
    box = make()
    assert box.cancel() is False
    assert box.run("1").value == 1
    assert box.cancel() is False
    assert box.run("2").value == 2
    box.close()
    assert box.cancel() is False
    assert ringfence.Sandbox(**LEVEL.options(engine, {})).cancel() is False


@pytest.mark.requirement("cancel.busy")
@pytest.mark.usefixtures("patience")
def test_cancel_twice(make: Make) -> None:
    there = _There()
    box = make(functions=[there.here])

    def cancel() -> None:
        there.arrived.wait()
        box.cancel()
        box.cancel()

    assert _meanwhile(lambda: box.run(_PLACES["busy"]), cancel).status == "cancelled"
    assert box.alive is True
    assert box.run("1").status == "ok"


@pytest.mark.requirement("cancel.busy")
def test_raise_for_status_of_a_cancelled_turn(make: Make) -> None:
    there = _There()
    box = make(functions=[there.here])

    def cancel() -> None:
        there.arrived.wait()
        box.cancel()

    result = _meanwhile(lambda: box.run(_PLACES["busy"]), cancel)
    with pytest.raises(ringfence.GuestCancelled, match="the caller cancelled"):
        result.raise_for_status()


@pytest.mark.requirement("cancel.busy")
@pytest.mark.usefixtures("patience")
def test_cancel_of_a_call_and_a_stream(make: Make) -> None:
    there = _There()
    box = make(functions=[there.here])
    box.run(f"def work():\n    here()\n    while True: len('')").raise_for_status()  # noqa: F541

    def cancel() -> None:
        there.arrived.wait()
        there.arrived.clear()
        box.cancel()

    assert _meanwhile(lambda: box.call("work"), cancel).status == "cancelled"
    assert box.alive is True
    *_, last = _meanwhile(lambda: list(box.stream("print('x')\nwork()")), cancel)
    assert (last.status, last.stdout) == ("cancelled", "x\n")


@pytest.mark.requirement("cancel.task", "tasks.parity")
@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.usefixtures("patience")
def test_cancel_from_a_task(make_async: MakeAsync, place: str) -> None:
    async def work() -> None:
        arrived = asyncio.Event()

        def here() -> None:
            arrived.set()

        async with make_async(functions=[here]) as box:
            turn = asyncio.create_task(box.run(f"kept = 5\n{_PLACES[place]}"))
            await arrived.wait()
            assert box.cancel() is True
            result = await turn
            assert result.status == "cancelled"
            assert result.alive is True
            assert (await box.run("kept")).value == 5
            assert box.cancel() is False

    finish(work())


@pytest.mark.requirement("cancel.task")
def test_cancel_of_an_async_sandbox_from_another_thread(make_async: MakeAsync) -> None:
    there = _There()

    async def work() -> None:
        async with make_async(functions=[there.here]) as box:

            def cancel() -> None:
                there.arrived.wait()
                box.cancel()

            thread = threading.Thread(target=cancel)
            thread.start()
            assert (await box.run(_PLACES["busy"])).status == "cancelled"
            await asyncio.to_thread(thread.join)

    finish(work())


# --- close ----------------------------------------------------------------------------------


@pytest.mark.requirement("close.turn")
@pytest.mark.parametrize("place", _PLACES)
def test_close_during_a_turn(make: Make, place: str) -> None:
    there = _There()
    box = make(functions=[there.here])

    def close() -> None:
        there.arrived.wait()
        box.close()

    result = _meanwhile(lambda: box.run(_PLACES[place]), close)
    assert result.status == "cancelled"
    assert box.alive is False
    with pytest.raises(ringfence.SandboxClosed, match="this sandbox was closed"):
        box.run("1")


@pytest.mark.requirement("close.turn", "tasks.parity")
def test_close_during_a_turn_of_an_async_sandbox(make_async: MakeAsync) -> None:
    async def work() -> None:
        arrived = asyncio.Event()

        def here() -> None:
            arrived.set()

        box = await make_async(functions=[here]).start()
        turn = asyncio.create_task(box.run(_PLACES["busy"]))
        await arrived.wait()
        await box.close()
        assert (await turn).status == "cancelled"
        with pytest.raises(ringfence.SandboxClosed, match="this sandbox was closed"):
            await box.run("1")

    finish(work())


@pytest.mark.requirement("close.twice")
def test_close_again(make: Make, engine: str) -> None:
    box = make()
    box.close()
    box.close()
    unstarted = ringfence.Sandbox(**LEVEL.options(engine, {}))
    unstarted.close()
    unstarted.close()
    with pytest.raises(ringfence.SandboxClosed, match="this sandbox was closed"):
        unstarted.start()


@pytest.mark.requirement("close.used-after")
def test_use_after_close(make: Make) -> None:
    box = make()
    box.close()
    uses: list[Callable[[], Any]] = [
        lambda: box.run("1"),
        lambda: box.call("f"),
        lambda: box.call_with("f"),
        lambda: list(box.stream("1")),
        box.start,
        lambda: box.engine,
        lambda: box.walls,
        lambda: box.enforced,
        box.__enter__,
    ]
    for use in uses:
        with pytest.raises(ringfence.SandboxClosed) as caught:
            use()
        assert str(caught.value) == "this sandbox was closed"
    assert box.alive is False
    assert box.limits == LEVEL.options("", {"limits": ringfence.Limits()})["limits"]


@pytest.mark.requirement("close.used-after", "tasks.parity")
def test_use_after_close_of_an_async_sandbox(make_async: MakeAsync) -> None:
    async def work() -> None:
        box = make_async()
        async with box:
            pass
        for use in (lambda: box.run("1"), lambda: box.call("f"), box.start):
            with pytest.raises(ringfence.SandboxClosed, match="this sandbox was closed"):
                await use()
        with pytest.raises(ringfence.SandboxClosed, match="this sandbox was closed"):
            await anext(box.stream("1"))
        await box.close()

    finish(work())


@pytest.mark.requirement("close.with")
def test_with_block(engine: str) -> None:
    with ringfence.Sandbox(**LEVEL.options(engine, {})) as box:
        assert box.run("1").value == 1
    assert box.alive is False
    with pytest.raises(KeyError), ringfence.Sandbox(**LEVEL.options(engine, {})) as other:
        raise KeyError
    assert other.alive is False


@pytest.mark.requirement("close.stream-open")
def test_close_with_an_open_stream(make: Make) -> None:
    box = make()
    stream = box.stream("print('x')\nwhile True: len('')")
    next(stream)
    box.close()
    assert list(stream) == []
    with pytest.raises(ringfence.SandboxClosed):
        box.run("1")


@pytest.mark.requirement("close.stream-open")
def test_close_from_another_thread_with_an_open_stream_that_nobody_reads(make: Make) -> None:
    box = make()
    stream = box.stream("print('x')\nwhile True: len('')")
    next(stream)
    closing = threading.Thread(target=box.close)
    closing.start()
    closing.join()
    assert box.alive is False
    assert list(stream) == []


@pytest.mark.requirement("close.stream-open", "tasks.parity")
def test_close_of_an_async_sandbox_with_an_open_stream(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as box:
            stream = box.stream("print('x')\nwhile True: len('')")
            await anext(stream)
        assert [event async for event in stream] == []
        assert box.alive is False

    finish(work())


@pytest.mark.requirement("close.queued")
def test_queued_turns_are_refused_when_a_sandbox_closes(make: Make) -> None:
    there = _There()
    box = make(functions=[there.here])
    outcomes: list[str] = []
    queued = threading.Barrier(4)

    def wait_in_line() -> None:
        queued.wait()
        try:
            outcomes.append(box.run("'ran'").status)
        except ringfence.SandboxClosed:
            outcomes.append("closed")

    threads = [threading.Thread(target=wait_in_line) for _ in range(3)]

    def close() -> None:
        there.arrived.wait()
        for thread in threads:
            thread.start()
        queued.wait()
        box.close()

    assert _meanwhile(lambda: box.run(_PLACES["busy"]), close).status == "cancelled"
    for thread in threads:
        thread.join()
    assert len(outcomes) == 3
    assert set(outcomes) <= {"closed", "ok"}
