"""How the public names are used, and what a type checker makes of each. It is checked, never run."""

from __future__ import annotations

import datetime
import io
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Literal, assert_type

import ringfence
from ringfence import Display, Limits, Opaque, Output, Policy, Progress, Reader, Result, Writer


def lookup(city: str) -> dict[str, float]:
    return {city: 0.0}


async def search(query: str, limit: int = 5) -> list[str]:
    return [query] * limit


def one_shot() -> None:
    result = ringfence.run(
        "x + 1",
        engine=["native", "auto"],
        limits=Limits(memory="256MiB", wall=datetime.timedelta(seconds=30), cpu=10),
        policy=Policy(read=["/usr/share/zoneinfo"], walls=[{"landlock", "seccomp"}]),
        functions=[lookup, search],
        files={"data.csv": b""},
        packages=["numpy"],
        inputs={"x": 1},
        returns=int,
    )
    assert_type(result, Result)
    assert_type(result.status, Literal["ok", "error", "limit", "crashed", "cancelled"])
    assert_type(result.limit, str | None)
    assert_type(result.value, Any)
    assert_type(result.stdout, str)
    assert_type(result.displays, tuple[Display, ...])
    assert_type(result.enforced, Mapping[str, str])
    assert_type(result.walls, frozenset[str])
    assert_type(result.abandoned, tuple[str, ...])
    assert_type(result.usage.cpu, float | None)
    assert_type(result.raise_for_status(), Result)
    if result.error is not None:
        assert_type(result.error.message, str)
    for display in result.displays:
        assert_type(display.data, dict[str, str | bytes])


def session() -> None:
    with ringfence.Sandbox(functions={"find": lookup}, stdin=lambda: "line") as box:
        assert_type(box, ringfence.Sandbox)
        assert_type(box.run("1"), Result)
        assert_type(box.call("f", 1, key=2), Result)
        assert_type(box.call_with("f", [1], {"key": 2}, returns=list[int]), Result)
        events = box.stream("print(1)")
        checked: Iterator[Output | Display | Progress | Result] = events
        for event in checked:
            if isinstance(event, Output):
                assert_type(event.stream, Literal["stdout", "stderr"])
                assert_type(event.text, str)
            elif isinstance(event, Progress):
                assert_type(event.fraction, float | None)
            elif isinstance(event, Display):
                assert_type(event.data, dict[str, str | bytes])
            else:
                assert_type(event, Result)
        assert_type(box.cancel(), bool)
        assert_type(box.alive, bool)
        assert_type(box.limits, Limits)
        assert_type(box.limits.replace(wall=5), Limits)
        box.call("f", Reader(io.BytesIO(b"")), Writer(io.BytesIO(), limit=10))


async def awaited() -> None:
    async with ringfence.AsyncSandbox(limits=Limits(wall=1)) as box:
        assert_type(box, ringfence.AsyncSandbox)
        assert_type(await box.run("1"), Result)
        assert_type(await box.call("f"), Result)
        events: AsyncIterator[Output | Display | Progress | Result] = box.stream("1")
        async for event in events:
            if isinstance(event, Result):
                assert_type(event.value, Any)
        assert_type(box.cancel(), bool)


@ringfence.host_function(name="renamed", threaded=True, timeout=5)
def slow(path: str) -> bytes:
    return path.encode()


@ringfence.host_function
def plain(path: str) -> bytes:
    return path.encode()


def failures() -> None:
    ringfence.Sandbox(functions=[slow, plain, ringfence.host_function(lookup, timeout=None)])
    try:
        ringfence.run("1").raise_for_status()
    except ringfence.LimitExceeded as error:
        assert_type(error.result, Result)
    except ringfence.ValidationFailed as error:
        assert_type(error.expected, str)
    except ringfence.RingfenceError:
        pass
    opaque = Opaque("lock", "<unlocked>")
    assert_type(opaque.text, str)
    for name, info in ringfence.engines().items():
        assert_type(name, str)
        assert_type(info.capabilities, ringfence.Capabilities)
        assert_type(info.availability, ringfence.Availability)
    assert_type(ringfence.__version__, str)
