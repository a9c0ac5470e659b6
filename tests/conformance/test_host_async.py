"""Host functions that are awaited: many at once, in any order, cancelled, timed out."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

import ringfence
from ringfence import GuestVisibleError, host_function
from tests.conformance.conftest import Make, MakeAsync, finish


def add(a: int, b: int = 10) -> int:
    """Add two numbers."""
    return a + b


async def add_later(a: int, b: int = 10) -> int:
    """Add two numbers, in a while."""
    await asyncio.sleep(0)
    return a + b


@pytest.mark.requirement("host.async")
def test_await(make: Make) -> None:
    box = make(functions=[add_later])
    assert box.run("await add_later(1, 2)").value == 3
    assert box.run("x = await add_later(b=5, a=1)\nx").value == 6


@pytest.mark.requirement("host.gather")
def test_gather_has_all_calls_open_at_once(make: Make) -> None:
    met: list[int] = []
    everybody = asyncio.Event()

    async def meet(number: int) -> int:
        met.append(number)
        if len(met) == 20:
            everybody.set()
        await everybody.wait()
        return number

    box = make(functions=[meet])
    result = box.run("import asyncio\nawait asyncio.gather(*[meet(i) for i in range(20)])")
    assert result.value == list(range(20))
    assert sorted(met) == list(range(20))


@pytest.mark.requirement("host.any-order")
def test_answers_in_any_order(make: Make) -> None:
    gates: dict[int, asyncio.Event] = {n: asyncio.Event() for n in range(5)}

    async def begin() -> None:
        gates[4].set()

    async def after(number: int) -> int:
        await gates[number].wait()
        if number:
            gates[number - 1].set()
        return number

    code = (
        "import asyncio\norder = []\n"
        "async def one(n):\n    order.append(await after(n))\n"
        "tasks = [asyncio.ensure_future(one(n)) for n in range(5)]\n"
        "await asyncio.sleep(0)\nawait begin()\nawait asyncio.gather(*tasks)\norder"
    )
    assert make(functions=[after, begin]).run(code).value == [4, 3, 2, 1, 0]


@pytest.mark.requirement("host.taskgroup")
def test_task_groups(make: Make) -> None:
    code = (
        "import asyncio\n"
        "async def work(n):\n    return await add_later(n) + await add_later(n, 0)\n"
        "async with asyncio.TaskGroup() as group:\n"
        "    tasks = [group.create_task(work(n)) for n in range(10)]\n"
        "[task.result() for task in tasks]"
    )
    box = make(functions=[add_later])
    for _ in range(20):
        result = box.run(code)
        assert result.status == "ok", result.error
        assert result.value == [2 * n + 10 for n in range(10)]


@pytest.mark.requirement("host.taskgroup")
def test_sync_calls_between_async_ones(make: Make) -> None:
    code = (
        "import asyncio\n"
        "async def one(n):\n    await add_later(n)\n    add(n)\n    return await add_later(add(n), 0)\n"
        "await asyncio.gather(*[one(n) for n in range(20)])"
    )
    box = make(functions=[add, add_later])
    for _ in range(10):
        result = box.run(code)
        assert result.status == "ok", result.error
        assert result.value == [n + 10 for n in range(20)]


@pytest.mark.requirement("host.taskgroup")
def test_failure_cancels_the_group(make: Make) -> None:
    cancelled = threading.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def fail() -> None:
        raise GuestVisibleError("this one")

    code = (
        "import asyncio\n"
        "try:\n"
        "    async with asyncio.TaskGroup() as group:\n"
        "        group.create_task(never())\n        group.create_task(fail())\n"
        "except* HostFunctionError as caught:\n    seen = [str(e) for e in caught.exceptions]\nseen"
    )
    result = make(functions=[never, fail]).run(code)
    assert result.value == ["this one"]
    assert cancelled.wait(30)


@pytest.mark.requirement("host.async-cancelled")
def test_end_of_the_turn_cancels_open_calls(make: Make) -> None:
    cancelled = threading.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    box = make(functions=[never])
    code = "import asyncio\ntask = asyncio.ensure_future(never())\nawait asyncio.sleep(0)\n'left'"
    assert box.run(code).value == "left"
    assert cancelled.wait(30)
    assert box.run("1").value == 1


@pytest.mark.requirement("host.timeout")
@pytest.mark.parametrize("shell", ["sync", "async"])
def test_timeout_of_a_function(make: Make, make_async: MakeAsync, shell: str) -> None:
    @host_function(timeout=0.05)
    async def never() -> None:
        await asyncio.Event().wait()

    code = "try:\n    await never()\nexcept HostFunctionError as e:\n    seen = str(e)\nseen"

    async def work() -> Any:
        async with make_async(functions=[never]) as box:
            return (await box.run(code)).value

    value = make(functions=[never]).run(code).value if shell == "sync" else finish(work())
    assert value == "never (timed out)"


@pytest.mark.requirement("host.timeout-refused")
@pytest.mark.parametrize("timeout", [1, 0.5])
def test_timeout_of_a_plain_function_is_refused(timeout: float) -> None:
    with pytest.raises(ringfence.PolicyNotEnforceable) as caught:
        host_function(add, timeout=timeout)
    assert str(caught.value) == (
        "add(): a timeout cannot be enforced on a function that runs on the caller's thread; "
        "make it `async def`, or register it with threaded=True"
    )
