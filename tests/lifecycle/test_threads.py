"""Several threads, several tasks, and ends that come at a bad moment."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

import ringfence
from ringfence import AsyncSandbox, Limits, Sandbox

FAR = Limits(wall=600, cpu=600, host_wall=600)
_SPIN = "while True: pass"


def in_thread(work: Callable[[], Any]) -> Future[Any]:
    """What ``work`` returns, on a thread of its own."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


class Gate:
    """A host function that says that it was called, and waits until it may go on."""

    def __init__(self) -> None:
        self.called = threading.Semaphore(0)
        self.open = threading.Event()

    def wait(self) -> None:
        """Called by the guest."""
        self.called.release()
        self.open.wait()


def test_turns_of_many_threads_queue() -> None:
    with Sandbox() as box, ThreadPoolExecutor(16) as pool:
        box.run("seen = []\ndef add(n):\n    seen.append(n)\n    return n")
        assert list(pool.map(lambda n: box.call("add", n).value, range(200))) == list(range(200))
        assert sorted(box.run("seen").value) == list(range(200))


def test_threads_that_all_use_a_sandbox_first() -> None:
    """It is started once."""
    box = Sandbox()
    together = threading.Barrier(8)

    def use(number: int) -> Any:
        together.wait()
        return box.run(f"globals().setdefault('first', {number})").value

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(use, range(8)))) == 1
    box.close()


def test_sandboxes_beside_each_other() -> None:
    def live(number: int) -> Any:
        with Sandbox() as box:
            box.run(f"x = {number}")
            return box.run("x * 2").value

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(live, range(64))) == [2 * number for number in range(64)]


def test_a_guest_that_hides_its_end_holds_up_no_other() -> None:
    """The host waits two seconds for the end of a guest that closed its channel and lives on. Other
    sandboxes of the same zygote start, run and end meanwhile.
    """
    with Sandbox() as hostile, Sandbox() as beside:
        result = in_thread(
            lambda: hostile.run("import os\nos.close(3)\nwhile True: pass", limits=FAR)
        )
        lives = 0
        while not result.done():
            beside.run("1")
            ringfence.run("1")
            lives += 1
        ended: ringfence.Result = result.result()
        assert (ended.status, ended.alive) == ("crashed", False)
        assert ended.error is not None
        assert ended.error.type == "Disconnected"
        assert lives > 1


# --- closing ----------------------------------------------------------------------------------


def test_closing_during_a_turn_cancels_it() -> None:
    gate = Gate()
    box = Sandbox(functions=[gate.wait]).start()
    result = in_thread(lambda: box.run("wait()\n" + _SPIN, limits=FAR))
    gate.called.acquire()
    gate.open.set()
    box.close()
    assert result.result().status == "cancelled"
    with pytest.raises(ringfence.SandboxClosed):
        box.run("1")


def test_closing_at_the_very_beginning_of_a_turn_cancels_it() -> None:
    """After the sandbox was seen to be open, and before there is a turn to cancel."""
    closed: list[Future[Any]] = []

    def trace(event: Any) -> None:
        if event.kind == "turn_start":
            closed.append(in_thread(box.close))
            while not box._closed:
                pass

    box = Sandbox(trace=trace).start()
    assert box.run(_SPIN, limits=FAR).status == "cancelled"
    closed[0].result()


def test_turns_that_queue_behind_a_closed_one_are_refused() -> None:
    gate = Gate()
    box = Sandbox(functions=[gate.wait]).start()
    first = in_thread(lambda: box.run("wait()\n" + _SPIN, limits=FAR))
    gate.called.acquire()
    others = [in_thread(lambda: box.run("1")) for _ in range(8)]
    gate.open.set()
    box.close()
    assert first.result().status in ("cancelled", "ok")
    for other in others:
        error = other.exception()
        assert error is None or isinstance(error, ringfence.SandboxClosed)
    assert not box.alive


def test_closing_from_many_threads() -> None:
    box = Sandbox().start()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: box.close(), range(8))) == [None] * 8


def test_closing_from_a_host_function_is_refused() -> None:
    def end() -> str:
        try:
            box.close()
        except ringfence.SandboxBusy as error:
            return str(error)
        return "closed"

    with Sandbox(functions=[end]) as box:
        assert "own host function" in box.run("end()").value
        assert box.run("1").value == 1


def test_a_suspended_stream_does_not_hold_up_closing() -> None:
    box = Sandbox().start()
    stream = box.stream("print(1, flush=True)\n" + _SPIN, limits=FAR)
    next(stream)
    in_thread(box.close).result()
    gc.collect()
    assert not box.alive


# --- asyncio ----------------------------------------------------------------------------------


def test_tasks_and_threads_side_by_side() -> None:
    async def task(box: AsyncSandbox, number: int) -> Any:
        await box.run(f"x{number} = {number}")
        return (await box.run(f"x{number}")).value

    async def main() -> list[Any]:
        async with AsyncSandbox() as box:
            own = asyncio.gather(*(task(box, number) for number in range(20)))
            threads = [asyncio.to_thread(ringfence.run, f"{number}") for number in range(20)]
            results = await asyncio.gather(*threads)
            return [*await own, *(result.value for result in results)]

    assert asyncio.run(main()) == [*range(20), *range(20)]


def test_a_loop_in_each_thread() -> None:
    async def main(number: int) -> Any:
        async def twice(n: int) -> int:
            await asyncio.sleep(0)
            return 2 * n

        async with AsyncSandbox(functions=[twice]) as box:
            return (await box.run(f"await twice({number})")).value

    with ThreadPoolExecutor(4) as pool:
        values = list(pool.map(lambda number: asyncio.run(main(number)), range(12)))
    assert values == [2 * number for number in range(12)]


def test_tasks_that_all_use_a_sandbox_first() -> None:
    async def main() -> int:
        box = AsyncSandbox()
        results = await asyncio.gather(
            *(box.run(f"globals().setdefault('first', {n})") for n in range(8))
        )
        await box.close()
        return len({result.value for result in results})

    assert asyncio.run(main()) == 1


def test_an_async_sandbox_is_cancelled_from_a_thread() -> None:
    async def main() -> str:
        called = asyncio.Event()

        async def ready() -> None:
            called.set()

        async with AsyncSandbox(functions=[ready]) as box:
            turn = asyncio.ensure_future(box.run("await ready()\n" + _SPIN, limits=FAR))
            await called.wait()
            assert await asyncio.to_thread(box.cancel)
            return (await turn).status

    assert asyncio.run(main()) == "cancelled"


def test_closing_an_async_sandbox_during_a_turn() -> None:
    async def main() -> str:
        called = asyncio.Event()

        async def ready() -> None:
            called.set()

        box = await AsyncSandbox(functions=[ready]).start()
        turn = asyncio.ensure_future(box.run("await ready()\n" + _SPIN, limits=FAR))
        await called.wait()
        await box.close()
        return (await turn).status

    assert asyncio.run(main()) == "cancelled"


def test_a_start_that_is_cancelled_leaves_no_guest() -> None:
    async def main() -> None:
        box = AsyncSandbox()
        start = asyncio.ensure_future(box.start())
        await asyncio.sleep(0)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        assert (await box.run("1")).value == 1
        await box.close()

    asyncio.run(main())
