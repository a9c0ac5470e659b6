"""wall, host_wall, cpu; and what becomes of a guest that reached one."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

import ringfence
from ringfence import Limits
from tests.conformance.conftest import Make, MakeAsync, Run, finish

_SPIN = "while True: pass"


def _message(limit: str, value: str) -> str:
    return f"the guest reached its limit {limit}={value}"


@pytest.mark.requirement("limits.wall")
@pytest.mark.parametrize(
    "code",
    [
        _SPIN,
        "def f():\n    while True: [x for x in range(1000)]\nf()",
        "try:\n    while True: pass\nexcept Exception:\n    'not caught'",
        "10 ** 10 ** 9",
    ],
)
def test_busy_guest(make: Make, code: str) -> None:
    box = make(limits=Limits(wall=0.3))
    box.run("kept = 5").raise_for_status()
    result = box.run(code)
    assert (result.status, result.limit, result.value, result.alive) == (
        "limit",
        "wall",
        None,
        True,
    )
    assert (
        result.error
        == ringfence.Result(
            status="limit",
            error=type(result.error)("LimitExceeded", _message("wall", "0.3 s")),  # type: ignore[misc]
        ).error
    )
    assert box.run("kept").value == 5


@pytest.mark.requirement("limits.wall-sleep")
@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(1000)",
        "import asyncio\nawait asyncio.sleep(1000)",
        "import asyncio\nasyncio.run(asyncio.Event().wait())",
        "import threading\nthreading.Event().wait()",
        "import select\nselect.poll().poll()",
    ],
)
def test_sleeping_guest(make: Make, code: str) -> None:
    box = make(limits=Limits(wall=0.3))
    result = box.run(code)
    assert (result.status, result.limit, result.alive) == ("limit", "wall", True)
    assert box.run("1").value == 1


@pytest.mark.requirement("limits.grace")
@pytest.mark.parametrize(
    "code",
    [
        "import time\nwhile True:\n    try:\n        time.sleep(1000)\n    except BaseException:\n        len('')",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import time\ntry:\n    time.sleep(1000)\nfinally:\n    time.sleep(1000)",
        "sum(range(10**18))",
        "import itertools\nsum(itertools.repeat(1))",
    ],
)
def test_guest_that_ignores_the_interrupt(make: Make, code: str) -> None:
    box = make(limits=Limits(wall=0.3))
    result = box.run(code)
    assert (result.status, result.limit, result.alive) == ("limit", "wall", False)
    assert box.alive is False
    with pytest.raises(ringfence.SandboxClosed, match="the guest of this sandbox has ended"):
        box.run("1")


@pytest.mark.requirement("limits.grace")
def test_guest_may_clean_up_within_the_grace(make: Make) -> None:
    box = make(limits=Limits(wall=0.3))
    code = (
        "import time\ntry:\n    time.sleep(1000)\nfinally:\n    cleaned = True\n    print('clean')"
    )
    result = box.run(code)
    assert (result.status, result.limit, result.alive) == ("limit", "wall", True)
    assert box.run("cleaned").value is True


def pause() -> None:
    """Keep the guest waiting for longer than its wall."""
    threading.Event().wait(1.1)


@pytest.mark.requirement("limits.wall-rests")
def test_wall_rests_during_a_host_call(make: Make) -> None:
    result = make(functions=[pause], limits=Limits(wall=1)).run("pause()\n'done'")
    assert (result.status, result.value) == ("ok", "done")
    assert result.usage.host_wall >= 1.1
    assert result.usage.wall < result.usage.host_wall


@pytest.mark.requirement("limits.wall-rests")
def test_wall_rests_while_a_coroutine_waits(make: Make) -> None:
    async def pause_async() -> str:
        await asyncio.sleep(1.1)
        return "done"

    result = make(functions=[pause_async], limits=Limits(wall=1)).run("await pause_async()")
    assert (result.status, result.value) == ("ok", "done")


@pytest.mark.requirement("limits.wall-not-free")
@pytest.mark.parametrize(
    "code",
    [
        f"task = asyncio.ensure_future(never())\nawait asyncio.sleep(0)\n{_SPIN}",
        "async def spin():\n    while True: await asyncio.sleep(0)\nawait asyncio.gather(never(), spin())",
        "async def spin():\n    while True: time.sleep(0.001)\nawait asyncio.gather(never(), spin())",
    ],
)
def test_open_call_does_not_stop_the_clock(make: Make, code: str) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    box = make(functions=[never], limits=Limits(wall=0.5, host_wall=20))
    result = box.run(f"import asyncio, time\n{code}")
    assert (result.status, result.limit) == ("limit", "wall")
    assert box.run("1").value == 1


@pytest.mark.requirement("limits.host-wall")
def test_host_wall_of_an_async_function(make: Make) -> None:
    cancelled = threading.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    box = make(functions=[never], limits=Limits(host_wall=0.3))
    result = box.run("await never()")
    assert (result.status, result.limit, result.alive) == ("limit", "host_wall", True)
    assert result.error is not None
    assert result.error.message == _message("host_wall", "0.3 s")
    assert cancelled.wait(30)
    assert box.run("1").value == 1


@pytest.mark.requirement("limits.host-wall")
def test_host_wall_of_several_calls_at_once_is_counted_once(make: Make) -> None:
    async def short() -> None:
        await asyncio.sleep(0.3)

    result = make(functions=[short], limits=Limits(host_wall=10)).run(
        "import asyncio\nawait asyncio.gather(*[short() for _ in range(50)])\n'done'"
    )
    assert (result.status, result.value) == ("ok", "done")
    assert result.usage.host_wall < 10


@pytest.mark.requirement("limits.host-wall-inline")
def test_inline_function_is_counted_when_it_returns(make: Make) -> None:
    made = []

    def slow() -> int:
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            pass
        made.append(1)
        return len(made)

    box = make(functions=[slow], limits=Limits(host_wall=0.5))
    result = box.run("while True: slow()")
    assert (result.status, result.limit, result.alive) == ("limit", "host_wall", True)
    assert len(made) == 3
    assert result.usage.calls == 3


@pytest.mark.requirement("limits.cpu")
def test_cpu(make: Make) -> None:
    box = make(limits=Limits(cpu=0.3, wall=60))
    result = box.run(_SPIN)
    assert (result.status, result.limit, result.alive) == ("limit", "cpu", True)
    assert result.error is not None
    assert result.error.message == _message("cpu", "0.3 s")
    assert result.usage.cpu is not None
    assert result.usage.cpu >= 0.3
    assert box.run("1").value == 1


@pytest.mark.requirement("limits.cpu")
def test_sleep_costs_no_cpu(make: Make) -> None:
    result = make(limits=Limits(cpu=0.3)).run("import time\ntime.sleep(0.5)\n'slept'")
    assert (result.status, result.value) == ("ok", "slept")


@pytest.mark.requirement("limits.cpu-threads")
def test_cpu_of_all_threads(make: Make) -> None:
    box = make(limits=Limits(cpu=0.5, wall=60))
    result = box.run(
        "import threading\n"
        "def spin():\n    while True: pass\n"
        "for _ in range(3): threading.Thread(target=spin, daemon=True).start()\n"
        "threading.Event().wait()"
    )
    assert (result.status, result.limit) == ("limit", "cpu")


@pytest.mark.requirement("limits.cpu-per-turn")
def test_cpu_is_per_turn(make: Make) -> None:
    box = make(limits=Limits(cpu=0.5, wall=60))
    code = "import time\nstart = time.process_time()\nwhile time.process_time() - start < 0.3: pass"
    assert [box.run(code).status for _ in range(5)] == ["ok"] * 5
    assert box.run("time.process_time() > 1.5").value is True


@pytest.mark.requirement("limits.turn")
def test_limits_of_one_turn(make: Make) -> None:
    box = make(limits=Limits(wall=60))
    assert box.run(_SPIN, limits=box.limits.replace(wall=0.2)).limit == "wall"
    assert box.run(_SPIN, limits=box.limits.replace(cpu=0.2)).limit == "cpu"
    assert box.run("1").value == 1


@pytest.mark.requirement("limits.turn")
@pytest.mark.parametrize(
    ("name", "value"), [("memory", 1 << 28 | 1), ("threads", 1), ("disk", 1), ("files", 1)]
)
def test_limit_of_the_sandbox_cannot_change_for_a_turn(
    shared: ringfence.Sandbox, name: str, value: int
) -> None:
    with pytest.raises(ringfence.ConfigurationError) as caught:
        shared.run("1", limits=shared.limits.replace(**{name: value}))
    assert str(caught.value) == (
        f"limits: {name} belongs to the sandbox and cannot change for one turn; "
        "use box.limits.replace(wall=…)"
    )


@pytest.mark.requirement("limits.uncounted-refused")
@pytest.mark.parametrize("name", ["fuel", "steps"])
def test_uncounted_limit_is_refused(run: Run, engine: str, name: str) -> None:
    capabilities = ringfence.engines()[engine].capabilities
    limits = Limits(**{name: 1_000_000})
    if name in capabilities.limits:
        assert name in run("1", limits=limits).enforced
        return
    with pytest.raises(ringfence.PolicyNotEnforceable, match=name):
        run("1", limits=limits)


@pytest.mark.requirement("limits.slow-reader")
def test_slow_reader_does_not_use_up_the_guests_time(make: Make) -> None:
    result = None
    for event in make(limits=Limits(wall=0.5)).stream("print('first')\n'value'"):
        if isinstance(event, ringfence.Output):
            threading.Event().wait(0.8)
        else:
            result = event
    assert isinstance(result, ringfence.Result)
    assert (result.status, result.value) == ("ok", "value")


@pytest.mark.requirement("limits.slow-reader", "tasks.parity")
def test_slow_reader_under_the_async_shell(make_async: MakeAsync) -> None:
    async def work() -> object:
        async with make_async(limits=Limits(wall=0.5)) as box:
            result = None
            async for event in box.stream("import time\nprint('first')\ntime.sleep(0.1)\n'value'"):
                if isinstance(event, ringfence.Output):
                    threading.Event().wait(0.8)
                else:
                    result = event
            return result

    result = finish(work())
    assert isinstance(result, ringfence.Result)
    assert (result.status, result.value) == ("ok", "value")


@pytest.mark.requirement("limits.wall", "limits.cpu", "limits.host-wall", "tasks.parity")
def test_times_under_the_async_shell(make_async: MakeAsync) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async def work() -> list[str | None]:
        limits = Limits(wall=0.3, host_wall=0.3, cpu=0.2)
        async with make_async(functions=[never], limits=limits) as box:
            longer = box.limits.replace(wall=60)
            first = await box.run("import time\ntime.sleep(1000)")
            second = await box.run(_SPIN, limits=longer)
            third = await box.run("await never()")
            assert (await box.run("1")).value == 1
            return [first.limit, second.limit, third.limit]

    assert finish(work()) == ["wall", "cpu", "host_wall"]
