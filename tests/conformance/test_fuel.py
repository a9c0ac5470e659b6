"""``Limits(fuel=…)``: a budget of instructions for each turn, counted out of the guest's reach."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

import ringfence
from ringfence import ConfigurationError, Limits, Policy, Pool, Result
from ringfence.runtime.evaluator import CallStatus, GuestProgram
from ringfence.runtime.recipe import Recipe
from tests.conformance.conftest import LEVEL, Make, MakeAsync, Run, finish
from tests.support.capabilities import require

_SPIN = "while True: pass"
_PLENTY = 1_000_000_000
_LITTLE = 50_000_000
_FIXED = Policy(deterministic=True)


_WORK = "def work(n):\n    return sum(i * i for i in range(n))"


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


def _ended(result: Result, fuel: int) -> None:
    """It ended because it had used exactly so much."""
    assert (result.status, result.limit, result.alive) == ("limit", "fuel", False)
    assert result.error is not None
    assert result.error.message == f"the guest reached its limit fuel={fuel:,}"
    assert result.usage.fuel == fuel


@pytest.mark.requirement("fuel.exact")
def test_a_turn_ends_when_it_has_used_its_fuel(make: Make) -> None:
    box = make(limits=Limits(fuel=_LITTLE))
    assert "fuel" in box.enforced
    first = box.run("print('before')\nx = 1")
    assert (first.status, first.usage.fuel is not None) == ("ok", True)
    spun = box.run("print('after')\n" + _SPIN)
    _ended(spun, _LITTLE)
    assert spun.stdout == "after\n"
    with pytest.raises(ringfence.SandboxClosed):
        box.run("1")


@pytest.mark.requirement("fuel.exact", "policy.deterministic")
def test_not_one_instruction_more(engine: str, run: Run) -> None:
    require(engine, "deterministic")
    code = "sum(i * i for i in range(1000))"
    used = run(code, policy=_FIXED).usage.fuel
    assert used is not None
    enough = run(code, policy=_FIXED, limits=Limits(fuel=used))
    assert (enough.status, enough.value, enough.usage.fuel) == ("ok", 332_833_500, used)
    _ended(run(code, policy=_FIXED, limits=Limits(fuel=used - 1)), used - 1)


@pytest.mark.requirement("fuel.smallest")
@pytest.mark.parametrize("fuel", [1, 1_000])
def test_a_budget_too_small_for_the_begin_of_a_turn(run: Run, fuel: int) -> None:
    _ended(run("1", limits=Limits(fuel=fuel)), fuel)


@pytest.mark.requirement("fuel.certain")
@pytest.mark.parametrize(
    "code",
    [
        "import re\nre.match('(a+)+$', 'a' * 40 + 'b')",
        "3 ** 10 ** 8",
        "sum(range(10 ** 10))",
        "def nest():\n    try:\n        while True: pass\n    except BaseException:\n        nest()\nnest()",
        "while True:\n    try:\n        raise KeyboardInterrupt\n    except BaseException: pass",
        "class End:\n    def __del__(self):\n        while True: pass\nEnd()\n1",
        "class End:\n    def __del__(self):\n        while True: pass\nend = End()\ndel end\n1",
        "class End:\n    def __del__(self):\n        while True: pass\nEnd()",
        "class Lie(Exception):\n    def __str__(self):\n        while True: pass\nraise Lie",
    ],
    ids=["regex", "power", "sum", "nested", "caught", "end", "del", "end-of-value", "report"],
)
def test_whatever_it_computes(run: Run, code: str) -> None:
    _ended(run(code, limits=Limits(fuel=_LITTLE)), _LITTLE)


@pytest.mark.requirement("fuel.usage")
def test_what_each_turn_used(make: Make) -> None:
    box = make(limits=Limits(fuel=_PLENTY))

    def used(result: Result) -> int:
        assert result.status in ("ok", "error"), result
        fuel = result.usage.fuel
        assert fuel is not None
        assert 0 < fuel < _PLENTY
        return fuel

    nothing = used(box.run(_WORK))
    assert used(box.call_with("work", [10_000])) > nothing + 10_000
    assert used(box.run("1 / 0")) > 0
    *_, last = box.stream("print(1)\nsum(i * i for i in range(10_000))")
    assert isinstance(last, Result)
    assert used(last) > nothing + 10_000
    assert last.usage["fuel"] == last.usage.fuel == last.usage.as_dict()["fuel"]


@pytest.mark.requirement("fuel.usage", "tasks.parity")
def test_what_each_turn_used_under_the_async_face(make_async: MakeAsync) -> None:
    async def work() -> list[Result]:
        async with make_async(limits=Limits(fuel=_LITTLE)) as box:
            return [await box.run(_WORK), await box.call_with("work", [100]), await box.run(_SPIN)]

    defined, called, spun = finish(work())
    assert defined.usage.fuel
    assert called.usage.fuel
    _ended(spun, _LITTLE)


@pytest.mark.requirement("fuel.usage")
def test_what_a_batch_used(engine: str) -> None:
    given: dict[str, Any] = dict.fromkeys(
        ("limits", "policy", "files", "python", "modules", "stdin", "trace", "pool")
    )
    given |= {"functions": (), "packages": ()}
    given |= LEVEL.options(engine, {"limits": Limits(fuel=_LITTLE)})
    with GuestProgram("def f(n):\n    while n: n -= 1\n    return 1", "f", Recipe(**given)) as f:
        few = f.evaluate([[1] * 10])
        assert few.ok
        assert few.result.usage.fuel
        endless = f.evaluate([[1, -1, 1]])
        _ended(endless.result, _LITTLE)
        assert CallStatus.LIMIT not in endless.status.tolist()  # it was the whole batch's
        assert f.evaluate([[1]]).ok


@pytest.mark.requirement("fuel.usage")
def test_a_turn_that_another_limit_ended(make: Make) -> None:
    box = make(limits=Limits(fuel=1 << 62, wall=0.3))
    spun = box.run(_SPIN)
    assert (spun.limit, spun.alive) == ("wall", True)
    assert spun.usage.fuel
    large = box.run("bytearray(1 << 30)")
    assert (large.limit, large.usage.fuel is not None) == ("memory", True)
    killed = box.run(
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    )
    assert (killed.limit, killed.alive, killed.usage.fuel) == ("wall", False, None)


@pytest.mark.requirement("fuel.uncounted")
def test_where_nothing_is_counted(make: Make) -> None:
    box = make()
    assert box.run("1").usage.fuel is None
    assert "fuel" not in box.enforced
    with pytest.raises(ConfigurationError, match="fuel must be given when the sandbox is made"):
        box.run("1", limits=box.limits.replace(fuel=_PLENTY))
    assert box.run("2").value == 2


@pytest.mark.requirement("fuel.turn")
def test_each_turn_has_its_own(make: Make) -> None:
    box = make(limits=Limits(fuel=1_000_000))
    more, none = (box.limits.replace(fuel=fuel) for fuel in (_PLENTY, None))
    code = "sum(i * i for i in range(100_000)) > 0"
    for limits in (more, none):
        result = box.run(code, limits=limits)
        assert (result.value, result.usage.fuel > 1_000_000) == (True, True)  # type: ignore[operator]
    _ended(box.run(code), 1_000_000)


@pytest.mark.requirement("fuel.turn", "policy.deterministic")
def test_a_deterministic_sandbox_counts_always(engine: str, make: Make) -> None:
    require(engine, "deterministic")
    box = make(policy=_FIXED)
    assert box.run("1").usage.fuel
    _ended(box.run(_SPIN, limits=box.limits.replace(fuel=_LITTLE)), _LITTLE)


@pytest.mark.requirement("fuel.turn")
def test_the_guests_of_a_pool(engine: str) -> None:
    options = LEVEL.options(engine, {"limits": Limits(fuel=2_000_000)})
    with Pool(1, **options) as pool:
        assert pool.wait(60)
        with ringfence.Sandbox(pool=pool, limits=pool.limits.replace(fuel=5_000_000)) as box:
            _ended(box.run(_SPIN), 5_000_000)
        with ringfence.Sandbox(pool=pool) as box:
            assert box.run("1").value == 1
            _ended(box.run(_SPIN), 2_000_000)
    with (
        Pool(1, **LEVEL.options(engine, {})) as uncounted,
        pytest.raises(ConfigurationError, match="fuel must be given when the pool is made"),
    ):
        ringfence.Sandbox(pool=uncounted, limits=Limits(fuel=5))


@pytest.mark.requirement("fuel.sets-up-free")
def test_what_is_lent_costs_nothing(make: Make) -> None:
    def f() -> int:
        return 7

    data = {f"{number}.txt": bytes(10_000) for number in range(100)}
    rich = make(
        functions=[f], files=data, modules={"lent": "def g(): return 1\n" * 1_000},
        limits=Limits(fuel=1_500_000),
    )  # fmt: skip
    assert rich.run("f()").value == 7


@pytest.mark.requirement("fuel.snapshot")
def test_a_snapshot_belongs_to_both(make: Make, engine: str, stack: contextlib.ExitStack) -> None:
    key = bytes(32)
    counted, uncounted = ({"limits": Limits(fuel=fuel)} for fuel in (_LITTLE, None))
    box = make(**uncounted)
    for options in (counted, uncounted, counted):
        box.run("import itertools\nnumbers = globals().get('numbers') or itertools.count()")
        before = box.run("next(numbers)").raise_for_status().value
        snapshot = box.snapshot(key=key)
        box = stack.enter_context(
            ringfence.Sandbox.restore(snapshot, key=key, **LEVEL.options(engine, options))
        )
        after = box.run("next(numbers)")
        assert after.value == before + 1
        assert (after.usage.fuel is None) == (options is uncounted)
    _ended(box.run(_SPIN), _LITTLE)


@pytest.mark.requirement("fuel.rollback")
def test_the_state_before_it_comes_back(make: Make) -> None:
    box = make(limits=Limits(fuel=_LITTLE), checkpoints=True)
    box.run("numbers = iter(range(100))\nnext(numbers)")
    _ended(box.run("next(numbers)\nopen('left.txt', 'w').close()\n" + _SPIN), _LITTLE)
    box.rollback()
    assert box.run("import os\nnext(numbers), os.listdir()").value == (1, [])
    _ended(box.run(_SPIN), _LITTLE)
