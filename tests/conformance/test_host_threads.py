"""Host functions and threads of either side, and sandboxes used from within them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

import ringfence
from ringfence import Limits, host_function
from tests.conformance.conftest import Make, MakeAsync, finish


def add(a: int, b: int = 10) -> int:
    """Add two numbers."""
    return a + b


async def add_later(a: int, b: int = 10) -> int:
    """Add two numbers, in a while."""
    await asyncio.sleep(0)
    return a + b


@pytest.mark.requirement("host.threaded")
@pytest.mark.parametrize("shell", ["sync", "async"])
def test_threaded(make: Make, make_async: MakeAsync, shell: str) -> None:
    threads: list[threading.Thread] = []

    @host_function(threaded=True)
    def where(number: int) -> int:
        threads.append(threading.current_thread())
        return number * 2

    async def work() -> ringfence.Result:
        async with make_async(functions=[where]) as box:
            return await box.run("where(21)")

    box = make(functions=[where])
    result = box.run("where(21)") if shell == "sync" else finish(work())
    assert (result.value, result.abandoned) == (42, ())
    assert threads[0] is not threading.current_thread()


@pytest.mark.requirement("host.abandoned")
@pytest.mark.parametrize("shell", ["sync", "async"])
def test_abandoned(make: Make, make_async: MakeAsync, shell: str) -> None:
    release = threading.Event()

    @host_function(threaded=True)
    def stuck() -> None:
        release.wait()

    limits = Limits(host_wall=0.3)

    async def work() -> None:
        async with make_async(functions=[stuck], limits=limits) as box:
            result = await box.run("stuck()")
            assert (result.status, result.limit) == ("limit", "host_wall")
            assert result.abandoned == ("stuck",)
            after = await box.run("1")
            assert (after.value, after.abandoned) == (1, ())

    try:
        if shell == "async":
            finish(work())
            return
        box = make(functions=[stuck], limits=limits)
        result = box.run("stuck()")
        assert (result.status, result.limit) == ("limit", "host_wall")
        assert (result.abandoned, result.alive) == (("stuck",), True)
        after = box.run("1")
        assert (after.value, after.abandoned) == (1, ())
    finally:
        release.set()


@pytest.mark.requirement("host.abandoned", "host.timeout")
@pytest.mark.parametrize("shell", ["sync", "async"])
def test_threaded_call_that_timed_out(make: Make, make_async: MakeAsync, shell: str) -> None:
    release = threading.Event()

    @host_function(threaded=True, timeout=0.05)
    def stuck() -> None:
        release.wait()

    code = "try:\n    stuck()\nexcept HostFunctionError as e:\n    seen = str(e)\nseen"

    async def work() -> ringfence.Result:
        async with make_async(functions=[stuck]) as box:
            return await box.run(code)

    try:
        box = make(functions=[stuck])
        result = box.run(code) if shell == "sync" else finish(work())
    finally:
        release.set()
    assert (result.value, result.abandoned) == ("stuck (timed out)", ("stuck",))


@pytest.mark.requirement("host.abandoned")
def test_late_answer_of_an_abandoned_call_reaches_no_later_turn(make: Make) -> None:
    release = threading.Event()
    ended = threading.Event()

    @host_function(threaded=True)
    def stuck() -> str:
        release.wait()
        ended.set()
        return "late"

    def fresh() -> str:
        release.set()
        ended.wait()
        return "fresh"

    box = make(functions=[stuck, fresh], limits=Limits(host_wall=0.3))
    assert box.run("stuck()").limit == "host_wall"
    assert box.run("[fresh() for _ in range(3)]").value == ["fresh"] * 3


@pytest.mark.requirement("host.guest-threads")
def test_guest_threads_call_host_functions(make: Make) -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(6) as pool:\n    seen = list(pool.map(add, range(60)))\nseen"
    )
    box = make(functions=[add])
    assert box.run(code).value == [n + 10 for n in range(60)]


@pytest.mark.requirement("host.guest-threads")
def test_guest_threads_and_coroutines_together(make: Make) -> None:
    code = (
        "import asyncio\n"
        "async def main():\n"
        "    return await asyncio.gather(*[asyncio.to_thread(add, n) for n in range(20)],"
        " *[add_later(n) for n in range(20)])\n"
        "asyncio.run(main())"
    )
    box = make(functions=[add, add_later])
    for _ in range(5):
        result = box.run(code)
        assert result.status == "ok", result.error
        assert result.value == [n + 10 for n in range(20)] * 2


# --- using sandboxes from host functions ----------------------------------------------------


@pytest.mark.requirement("host.busy", "close.inside")
@pytest.mark.parametrize("kind", ["sync", "async", "threaded"])
@pytest.mark.parametrize("action", ["run", "call", "stream", "close"])
def test_own_sandbox_is_busy(make: Make, kind: str, action: str) -> None:
    seen: list[str] = []

    def use() -> None:
        actions: dict[str, Callable[[], object]] = {
            "run": lambda: box.run("1"),
            "call": lambda: box.call("f"),
            "stream": lambda: list(box.stream("1")),
            "close": lambda: box.close(),
        }
        try:
            actions[action]()
        except ringfence.SandboxBusy as error:
            seen.append(str(error))

    async def use_async() -> None:
        use()

    function: Any = {
        "sync": use,
        "async": use_async,
        "threaded": host_function(use, threaded=True, name="use"),
    }[kind]
    box = make(functions={"use": function})
    result = box.run("await use()\n5" if kind == "async" else "use()\n5")
    assert (result.status, result.value) == ("ok", 5)
    assert seen == ["a sandbox cannot be used from inside one of its own host functions"]
    assert box.run("1").value == 1


@pytest.mark.requirement("host.busy", "close.inside", "tasks.parity")
@pytest.mark.parametrize("action", ["run", "close"])
def test_own_async_sandbox_is_busy(make_async: MakeAsync, action: str) -> None:
    async def work() -> None:
        async def use() -> None:
            with pytest.raises(ringfence.SandboxBusy):
                await (box.run("1") if action == "run" else box.close())

        async with make_async(functions=[use]) as box:
            assert (await box.run("await use()\n5")).value == 5
            assert (await box.run("1")).value == 1

    finish(work())


@pytest.mark.requirement("host.other-sandbox")
def test_another_sandbox_may_be_used(make: Make) -> None:
    inner = make()

    def ask(code: str) -> int:
        value = inner.run(code).value
        assert isinstance(value, int)
        return value

    outer = make(functions=[ask])
    assert outer.run("ask('6 * 7') + 1").value == 43


@pytest.mark.requirement("host.other-sandbox", "tasks.parity")
def test_another_async_sandbox_may_be_used(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as inner:

            async def ask(code: str) -> int:
                value = (await inner.run(code)).value
                assert isinstance(value, int)
                return value

            async with make_async(functions=[ask]) as outer:
                assert (await outer.run("await ask('6 * 7') + 1")).value == 43

    finish(work())
