"""Several threads and tasks on one sandbox, several sandboxes on one loop, and the end of tasks."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import ringfence
from tests.conformance.conftest import LEVEL, Make, MakeAsync, finish


@pytest.mark.requirement("threads.queue")
def test_turns_of_threads_queue(make: Make) -> None:
    box = make()
    box.run("inside = 0\nmost = 0\nturns = []").raise_for_status()
    code = (
        "inside += 1\nmost = max(most, inside)\nturns.append(number)\n"
        "for _ in range(1000): pass\ninside -= 1\nnumber"
    )
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: box.run(code, inputs={"number": n}), range(64)))
    assert [result.value for result in results] == list(range(64))
    assert box.run("most, sorted(turns)").value == (1, list(range(64)))


@pytest.mark.requirement("threads.queue")
def test_threads_with_sandboxes_of_their_own(make: Make) -> None:
    boxes = [make() for _ in range(4)]

    def use(number: int) -> Any:
        box = boxes[number]
        for turn in range(20):
            box.run(f"x = {number}, {turn}").raise_for_status()
        return box.run("x").value

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(use, range(4))) == [(n, 19) for n in range(4)]


@pytest.mark.requirement("threads.queue")
def test_a_thread_waits_for_the_stream_of_another(make: Make) -> None:
    box = make()
    stream = box.stream("print('x')\n'streamed'")
    assert isinstance(next(stream), ringfence.Output)
    values: list[Any] = []
    other = threading.Thread(target=lambda: values.append(box.run("'queued'").value))
    other.start()
    values.extend(event.value for event in stream if isinstance(event, ringfence.Result))
    other.join()
    assert sorted(values) == ["queued", "streamed"]


@pytest.mark.requirement("threads.start-once")
def test_threads_start_a_sandbox_once(engine: str) -> None:
    for _ in range(5):
        kinds: list[str] = []
        box = ringfence.Sandbox(
            **LEVEL.options(engine, {"trace": lambda e, k=kinds: k.append(e.kind)})
        )
        barrier = threading.Barrier(4)

        def use(number: int, box: ringfence.Sandbox = box, barrier: Any = barrier) -> str:
            barrier.wait()
            return box.run(f"x{number} = 1").status

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(use, range(4))) == ["ok"] * 4
        assert kinds.count("start") == 1
        assert box.run("x0 + x1 + x2 + x3").value == 4
        box.close()


@pytest.mark.requirement("tasks.queue")
def test_turns_of_tasks_queue(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as box:
            await box.run("turns = []")
            results = await asyncio.gather(*[box.run(f"turns.append({n})\n{n}") for n in range(32)])
            assert [result.value for result in results] == list(range(32))
            assert (await box.run("turns")).value == list(range(32))

    finish(work())


@pytest.mark.requirement("tasks.start-once")
def test_tasks_start_a_sandbox_once(make_async: MakeAsync) -> None:
    async def work() -> None:
        kinds: list[str] = []
        box = make_async(trace=lambda e: kinds.append(e.kind))
        await asyncio.gather(*[box.run(f"x{n} = 1") for n in range(4)], box.start())
        assert (await box.run("x0 + x1 + x2 + x3")).value == 4
        await box.close()
        assert (kinds.count("start"), kinds.count("close")) == (1, 1)

    finish(work())


@pytest.mark.requirement("tasks.concurrent")
def test_sandboxes_side_by_side_on_one_loop(make_async: MakeAsync) -> None:
    async def work() -> None:
        met: set[int] = set()
        everybody = asyncio.Event()

        async def meet(number: int) -> int:
            met.add(number)
            if len(met) == 8:
                everybody.set()
            await everybody.wait()
            return len(met)

        async def one(number: int) -> Any:
            async with make_async(functions=[meet]) as box:
                return (await box.run(f"await meet({number})")).value

        assert await asyncio.gather(*map(one, range(8))) == [8] * 8

    finish(work())


@pytest.mark.requirement("tasks.loop-free")
def test_running_turn_does_not_block_the_loop(make_async: MakeAsync) -> None:
    async def work() -> None:
        ticks = 0
        stop = asyncio.Event()

        async def tick() -> None:
            nonlocal ticks
            while not stop.is_set():
                ticks += 1
                if ticks == 50:
                    box.cancel()
                await asyncio.sleep(0.001)

        async with make_async() as box:
            ticking = asyncio.create_task(tick())
            result = await box.run("while True: len('')")
            stop.set()
            await ticking
            assert result.status == "cancelled"
            assert ticks >= 50

    finish(work())


@pytest.mark.requirement("tasks.loop-free")
def test_flood_of_output_does_not_block_the_loop(make_async: MakeAsync) -> None:
    async def work() -> None:
        seen = 0

        async def count() -> None:
            nonlocal seen
            while True:
                seen += 1
                await asyncio.sleep(0)

        limits = ringfence.Limits(output="64MiB")
        async with make_async(limits=limits) as box:
            counting = asyncio.create_task(count())
            result = await box.run("for _ in range(2000): print('x' * 10_000)")
            counting.cancel()
            assert result.status == "ok"
            assert seen > 10

    finish(work())


@pytest.mark.requirement("tasks.loop-free")
def test_one_quick_call_after_another_does_not_block_the_loop(make_async: MakeAsync) -> None:
    async def work() -> None:
        seen = calls = 0

        async def count() -> None:
            nonlocal seen
            while True:
                seen += 1
                await asyncio.sleep(0)

        async with make_async() as box:
            (await box.run("def one(): return 1")).raise_for_status()
            counting = asyncio.create_task(count())
            while seen < 10:
                assert (await box.call("one")).value == 1
                calls += 1
                assert calls < 10_000
            counting.cancel()

    finish(work())


@pytest.mark.requirement("tasks.cancelled")
def test_a_task_of_quick_calls_can_be_cancelled(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as box:
            (await box.run("def one(): return 1")).raise_for_status()

            async def call_again_and_again() -> None:
                while True:
                    await box.call("one")

            calling = asyncio.create_task(call_again_and_again())
            await asyncio.sleep(0.05)  # until answers are looked for
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling
            assert (await box.call("one")).value == 1

    finish(work())


_SPIN = {
    "busy": "here()\nwhile True: len('')",
    "waiting": "await never()",
    "sleeping": "import time\nhere()\ntime.sleep(1000)",
}


@pytest.mark.requirement("tasks.cancelled")
@pytest.mark.parametrize("place", _SPIN)
@pytest.mark.usefixtures("patience")
def test_cancelling_the_awaiting_task(make_async: MakeAsync, place: str) -> None:
    async def work() -> None:
        arrived, ended = asyncio.Event(), asyncio.Event()

        def here() -> None:
            arrived.set()

        async def never() -> None:
            arrived.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        kinds: list[str] = []
        async with make_async(functions=[here, never], trace=lambda e: kinds.append(e.kind)) as box:
            turn = asyncio.create_task(box.run(f"kept = 5\n{_SPIN[place]}"))
            await arrived.wait()
            turn.cancel()
            with pytest.raises(asyncio.CancelledError):
                await turn
            if place == "waiting":
                await ended.wait()
            assert box.alive is True
            assert (await box.run("kept")).value == 5
            assert kinds.count("turn_end") == 2

    finish(work())


@pytest.mark.requirement("tasks.cancelled-stubborn")
def test_cancelling_the_task_of_a_guest_that_ignores_it(make_async: MakeAsync) -> None:
    async def work() -> None:
        arrived = asyncio.Event()

        def here() -> None:
            arrived.set()

        code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nhere()\nwhile True: len('')"
        async with make_async(functions=[here]) as box:
            turn = asyncio.create_task(box.run(code))
            await arrived.wait()
            turn.cancel()
            with pytest.raises(asyncio.CancelledError):
                await turn
            assert box.alive is False
            with pytest.raises(
                ringfence.SandboxClosed, match="the guest of this sandbox has ended"
            ):
                await box.run("1")

    finish(work())


@pytest.mark.requirement("tasks.cancelled")
@pytest.mark.usefixtures("patience")
def test_asyncio_timeout_around_a_turn(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as box:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await box.run("while True: len('')")
            assert box.alive is True
            assert (await box.run("1")).value == 1

    finish(work())


@pytest.mark.requirement("tasks.cancelled")
def test_cancelling_a_task_that_queues(make_async: MakeAsync) -> None:
    async def work() -> None:
        arrived, go = asyncio.Event(), asyncio.Event()

        async def wait() -> str:
            arrived.set()
            await go.wait()
            return "went"

        async with make_async(functions=[wait]) as box:
            first = asyncio.create_task(box.run("await wait()"))
            await arrived.wait()
            second = asyncio.create_task(box.run("x = 1"))
            await asyncio.sleep(0)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            go.set()
            assert (await first).value == "went"
            assert (await box.run("'x' in globals()")).value is False

    finish(work())


@pytest.mark.requirement("tasks.start-cancelled")
def test_start_that_was_cancelled(make_async: MakeAsync) -> None:
    async def work() -> None:
        ended = asyncio.Event()
        kinds: list[str] = []
        loop = asyncio.get_running_loop()

        def trace(event: Any) -> None:
            kinds.append(event.kind)
            if event.kind == "close":
                loop.call_soon_threadsafe(ended.set)

        box = make_async(trace=trace)
        starting = asyncio.create_task(box.start())
        await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        await ended.wait()
        assert kinds == ["start", "close"]
        assert (await box.run("1")).value == 1
        await box.close()
        assert kinds.count("start") == kinds.count("close") == 2

    finish(work())


@pytest.mark.requirement("tasks.parity")
def test_async_sandbox_takes_what_a_sandbox_takes(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async(stdin="a\nb", modules={"m": "x = 1"}) as box:
            result = await box.run("import m\nm.x, input()", returns=tuple[int, str], filename="f")
            assert result.value == (1, "a")
            assert (await box.run("input()", stdin="z", inputs={"y": 2})).value == "z"
            await box.run("def f(a, *, b): return [a, b, y]")
            assert (await box.call("f", 1, b=(2,))).value == [1, (2,), 2]
            checked = await box.call_with("f", [1], {"b": 3}, returns=list[int])
            assert checked.value == [1, 3, 2]
            assert (await box.call_with("f", [1], {"b": "x"}, returns=list[int])).status == "error"
            assert box.engine
            assert box.walls
            assert box.alive

    finish(work())


@pytest.mark.requirement("tasks.parity")
def test_async_sandbox_on_several_loops(engine: str) -> None:
    box = ringfence.AsyncSandbox(**LEVEL.options(engine, {}))

    async def use(code: str) -> Any:
        return (await box.run(code)).value

    assert asyncio.run(use("x = 1\nx")) == 1
    assert asyncio.run(use("x + 1")) == 2
    asyncio.run(box.close())
