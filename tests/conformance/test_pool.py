"""Pools of warm guests."""

from __future__ import annotations

import re
import select
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import ringfence
from ringfence import ConfigurationError, Limits, Policy, Pool, SandboxClosed
from tests.conformance.conftest import LEVEL, finish

MakePool = Callable[..., Pool]


@pytest.fixture
def make_pool(engine: str) -> Iterator[MakePool]:
    """Makes a :class:`ringfence.Pool` of the engine under test, not started; closed at the end."""
    made: list[Pool] = []

    def make_one(size: int = 2, **options: Any) -> Pool:
        made.append(Pool(size, **LEVEL.options(engine, options)))
        return made[-1]

    yield make_one
    for pool in made:
        pool.close()


@pytest.mark.requirement("pool.taken", "pool.refills")
def test_a_guest_is_taken_and_replaced(make_pool: MakePool) -> None:
    with make_pool(2) as pool:
        assert pool.wait(60) is True
        assert pool.statistics() == ringfence.PoolStatistics(2, 2, 0, 0, 0, 0, "")
        for taken in range(1, 6):
            result = ringfence.run("x = globals().get('x', 0) + 1\nx", pool=pool)
            assert (result.status, result.value) == ("ok", 1)
            assert pool.wait(60) is True
            assert pool.statistics() == ringfence.PoolStatistics(2, 2, taken, 0, 0, 0, "")


@pytest.mark.requirement("pool.taken")
def test_what_is_refused_takes_no_guest(make_pool: MakePool) -> None:
    with make_pool(1) as pool:
        assert pool.wait(60) is True
        for _ in range(3):
            with pytest.raises(ConfigurationError):
                ringfence.run("1", pool=pool, files={"../outside": b""})
        assert pool.statistics().taken == 0
        assert ringfence.run("6 * 7", pool=pool).value == 42
        assert (pool.statistics().taken, pool.statistics().lost) == (1, 0)


@pytest.mark.requirement("pool.missed")
def test_with_none_ready_a_fresh_guest_is_started(make_pool: MakePool) -> None:
    pool = make_pool(1)  # not started: the first taker finds none
    assert ringfence.run("6 * 7", pool=pool).value == 42
    statistics = pool.statistics()
    assert (statistics.taken, statistics.missed) == (0, 1)
    assert pool.wait(60) is True
    assert ringfence.run("6 * 7", pool=pool).value == 42
    assert pool.statistics().taken == 1


@pytest.mark.requirement("pool.whole")
def test_everything_else_is_the_takers(make_pool: MakePool) -> None:
    def double(number: int) -> int:
        return 2 * number

    pool = make_pool()
    pool.wait(60)
    files = {"data.txt": b"21"} if LEVEL.private else {}
    with ringfence.Sandbox(
        pool=pool,
        functions=[double],
        files=files,
        modules={"ours": "number = 21"},
        stdin="a line",
    ) as box:
        assert box.run("import ours\ndouble(ours.number), input()").value == (42, "a line")
        if files:
            assert box.run("open('data.txt').read()").value == "21"
        assert box.run("number = 1\nnumber").value == 1
        assert box.call("double", 4).value == 8
    assert pool.statistics().taken == 1


@pytest.mark.requirement("pool.async")
def test_an_async_sandbox_takes_as_well(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.wait(60)

    async def work() -> list[Any]:
        async with ringfence.AsyncSandbox(pool=pool) as box:
            return [(await box.run("x = 1\nx")).value, (await box.run("x + 1")).value]

    assert finish(work()) == [1, 2]
    assert pool.statistics().taken == 1


_LOOK = """
import linecache, os, sys, threading, traceback
try:
    missing_name
except NameError:
    raised = traceback.format_exc()
[
    sorted(globals()), os.listdir(".") if SCRATCH else [], threading.active_count(), raised,
    sorted(vars(__import__("host"))), sorted(vars(__import__("builtins"))), sys.argv, sys.path,
    dict(os.environ), sys.stdin.read(),
]
"""


@pytest.mark.requirement("pool.neutral")
def test_a_warm_guest_is_as_a_fresh_one(make_pool: MakePool, run: Callable[..., Any]) -> None:
    pool = make_pool()
    pool.wait(60)
    inputs = {"SCRATCH": LEVEL.private}
    fresh = run(_LOOK, inputs=inputs)
    warm = ringfence.run(_LOOK, inputs=inputs, pool=pool)
    assert (warm.status, warm.value, warm.stdout) == ("ok", fresh.value, "")
    assert pool.statistics().taken == 1
    assert warm.enforced == fresh.enforced
    assert (warm.engine, warm.walls) == (fresh.engine, fresh.walls)


@pytest.mark.requirement("pool.random")
def test_warm_guests_draw_different_numbers(make_pool: MakePool) -> None:
    pool = make_pool(3)
    pool.wait(60)
    draw = "import os, random, secrets, uuid\n[random.random(), secrets.token_hex(), uuid.uuid4()]"
    drawn = [ringfence.run(draw, pool=pool).raise_for_status().value for _ in range(3)]
    assert pool.statistics().taken == 3
    for several in zip(*drawn, strict=True):
        assert len(set(several)) == 3


@pytest.mark.requirement("pool.tenant")
def test_guests_of_a_tenants_pool_share_an_image(make_pool: MakePool) -> None:
    alone = Policy(isolation="tenant")
    seed = "hash('a')"
    first, second = make_pool(policy=alone), make_pool(policy=alone)
    assert first.wait(60)
    assert second.wait(60)
    seeds = [
        [ringfence.run(seed, pool=pool).raise_for_status().value for _ in range(2)]
        for pool in (first, second)
    ]
    assert seeds[0][0] == seeds[0][1]
    assert seeds[1][0] == seeds[1][1]
    assert seeds[0][0] != seeds[1][0]


@pytest.mark.requirement("pool.tenant")
def test_the_first_takers_of_a_tenants_pool_share_its_image(make_pool: MakePool) -> None:
    pool = make_pool(1, policy=Policy(isolation="tenant"))  # not started: they all find it empty
    together = threading.Barrier(4)

    def take(_: int) -> Any:
        together.wait()
        return ringfence.run("hash('a')", pool=pool).raise_for_status().value

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(take, range(4)))) == 1


@pytest.mark.requirement("pool.limits")
def test_what_is_per_turn_may_be_changed(make_pool: MakePool, level: Any) -> None:
    pool = make_pool(limits=Limits(value=4_096))
    pool.wait(60)
    code = "b'x' * 10_000"
    assert ringfence.run(code, pool=pool).limit == "value"
    wider = pool.limits.replace(value=1 << 20)
    assert ringfence.run(code, pool=pool, limits=wider).value == b"x" * 10_000
    assert ringfence.run("while True: pass", pool=pool, limits=wider.replace(wall=0.2)).limit == (
        "wall"
    )
    with pytest.raises(ConfigurationError) as caught:
        ringfence.run(code, pool=pool, limits=pool.limits.replace(memory="300MiB", disk=0))
    assert str(caught.value) == (
        "limits: memory belongs to the pool and cannot change for one sandbox; use "
        "pool.limits.replace(wall=…)"
    )


@pytest.mark.requirement("pool.refused")
def test_what_is_the_pools_to_say_is_refused(make_pool: MakePool, engine: str) -> None:
    pool = make_pool()
    for options, message in (
        (
            {"engine": engine},
            "engine: the guests of a pool have theirs already; give engine to the Pool",
        ),
        (
            {"policy": Policy(), "packages": ["numpy"]},
            "policy and packages: the guests of a pool have theirs already; give them to the Pool",
        ),
        (
            {"python": "/usr/bin/python3"},
            "python: the guests of a pool have theirs already; give python to the Pool",
        ),
    ):
        with pytest.raises(ConfigurationError, match=f"^{re.escape(message)}$"):
            ringfence.run("1", pool=pool, **options)
        with pytest.raises(ConfigurationError, match=f"^{re.escape(message)}$"):
            ringfence.Sandbox(pool=pool, **options)
    with pytest.raises(ConfigurationError, match=r"^pool=3 is not a ringfence\.Pool$"):
        ringfence.run("1", pool=3)  # type: ignore[arg-type]
    assert pool.statistics().missed == 0
    for size in (0, -1, 4_097, True, 2.0, "2"):
        message = f"size={size!r} must be a whole number from 1 to 4096"
        with pytest.raises(ConfigurationError, match=f"^{re.escape(message)}$"):
            Pool(size)  # type: ignore[arg-type]


@pytest.mark.requirement("pool.closed")
def test_a_closed_pool_refuses(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.wait(60)
    with ringfence.Sandbox(pool=pool) as box:
        pool.close()
        pool.close()
        assert box.run("6 * 7").value == 42
    assert pool.statistics().ready == 0
    for use in (pool.start, pool.wait, pool.take, lambda: ringfence.run("1", pool=pool)):
        with pytest.raises(SandboxClosed, match="^this pool was closed$"):
            use()


@pytest.mark.requirement("pool.lost")
def test_a_guest_that_ended_is_not_handed_out(make_pool: MakePool) -> None:
    pool = make_pool(2)
    pool.wait(60)
    for fresh in pool._stock._ready:
        fresh.guest.stop("kill")
    for fresh in pool._stock._ready:
        assert fresh.guest.exit(60) is not None
        # What a service says of a guest's end overtakes the end of its bytes.
        assert select.select((fresh.guest.channel,), (), (), 60)[0]
    assert ringfence.run("6 * 7", pool=pool).value == 42
    statistics = pool.statistics()
    assert (statistics.taken, statistics.missed, statistics.lost) == (0, 1, 2)
    assert pool.wait(60) is True


@pytest.mark.requirement("pool.failed")
def test_why_it_cannot_be_filled(make_pool: MakePool, engine: str) -> None:
    pool = make_pool(packages=["no-such-distribution"])
    error: type[Exception] = ConfigurationError
    reason = "no-such-distribution"
    if not ringfence.engines()[engine].capabilities.packages:
        error, reason = ringfence.PolicyNotEnforceable, f"{engine}: packages='.*' cannot be lent"
    with pytest.raises(error, match=reason) as caught:
        pool.wait(60)
    statistics = pool.statistics()
    assert (statistics.ready, statistics.failed >= 1) == (0, True)
    assert statistics.trouble == str(caught.value)
    with pytest.raises(error, match=reason):
        ringfence.run("1", pool=pool)
