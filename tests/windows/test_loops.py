"""The event loop that asyncio takes on Windows, which watches no socket."""

from __future__ import annotations

import asyncio
import time

import pytest

from ringfence import AsyncSandbox, Limits


async def double(number: int) -> int:
    await asyncio.sleep(0.01)
    return 2 * number


async def _work() -> list[object]:
    async with AsyncSandbox(engine="wasi", functions=[double]) as box:
        first = await box.run("await double(4)")
        large = await box.run("len(data), data", inputs={"data": b"x" * 3_000_000})
        other = await box.run("import time; time.sleep(60)", limits=Limits(wall=0.3))
        return [first.value, large.value == (3_000_000, b"x" * 3_000_000), other.limit]


@pytest.mark.parametrize("loop", [None, asyncio.SelectorEventLoop], ids=["default", "selector"])
def test_turns_are_awaited(loop: type[asyncio.AbstractEventLoop] | None) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(_work()) == [8, True, "wall"]


def test_the_default_is_the_one_that_watches_nothing() -> None:
    async def main() -> str:
        return type(asyncio.get_running_loop()).__name__

    assert asyncio.run(main()) == "ProactorEventLoop"


def test_several_at_once_and_a_task_that_is_cancelled() -> None:
    async def one(number: int) -> object:
        async with AsyncSandbox(engine="wasi", functions=[double]) as box:
            return (await box.run(f"await double({number})")).value

    async def endless(started: asyncio.Event) -> None:
        def begin() -> None:
            started.set()

        async with AsyncSandbox(engine="wasi", functions=[begin]) as box:
            await box.run("begin()\nwhile True: pass")

    async def main() -> list[object]:
        started = asyncio.Event()
        task = asyncio.create_task(endless(started))
        await started.wait()
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 30
        return await asyncio.gather(*(one(number) for number in range(3)))

    assert asyncio.run(main()) == [0, 2, 4]
