"""Quotas, on clocks of the tests' own."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ringfence.server.access.caller import Caller
from ringfence.server.access.quotas import QuotaKeeper, Quotas
from ringfence.server.problems import Problem
from tests.server.store.scenes import opened, scenario

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
PLENTY = Quotas(concurrent=1_000, per_minute=1_000, cpu_seconds_per_day=1_000.0)


class Clocks:
    """A wall clock, and one that never goes back."""

    def __init__(self) -> None:
        self.wall = NOON
        self.steady = 100.0

    def pass_(self, seconds: float) -> None:
        self.wall += datetime.timedelta(seconds=seconds)
        self.steady += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def keeper(clocks: Clocks) -> QuotaKeeper:
    return QuotaKeeper(clock=lambda: clocks.wall, monotonic=lambda: clocks.steady)


def caller(tenant: str = "acme", **quotas: Any) -> Caller:
    wanted = {
        "concurrent": 1_000, "per_minute": 1_000, "cpu_seconds_per_day": 1_000.0, **quotas,
    }  # fmt: skip
    return Caller(tenant, None, frozenset({"run"}), Quotas(**wanted))


def refused(keeper: QuotaKeeper, who: Caller) -> tuple[str, float | None]:
    """Which quota is used up, and when to come back."""
    with pytest.raises(Problem) as caught:
        keeper.begin(who)
    assert (caught.value.name, caught.value.status) == ("quota", 429)
    (fault,) = caught.value.errors
    quota = fault.field.removeprefix("quota:")
    assert f"the quota {quota} is used up: {fault.expected}" == caught.value.detail
    return quota, caught.value.retry_after


def test_runs_of_a_task_are_the_one_that_it_counts_as(keeper: QuotaKeeper) -> None:
    one = caller(concurrent=1, per_minute=4, cpu_seconds_per_day=5.0)
    task = keeper.begin(one)
    run = keeper.begin(one, within=task)
    assert keeper.running() == {"acme": 1}
    assert refused(keeper, one)[0] == "concurrent"
    run.end(2.0)
    assert keeper.running() == {"acme": 1}
    assert keeper.begin(one, within=task).cpu_seconds_left == 3.0
    task.end()
    assert keeper.running() == {}
    with keeper.begin(one):
        with pytest.raises(Problem, match="concurrent"):  # a lease that has ended is none
            keeper.begin(one, within=task)
        assert keeper.running() == {"acme": 1}
    assert refused(keeper, one)[0] == "per-minute"


def test_runs_at_once(keeper: QuotaKeeper) -> None:
    two = caller(concurrent=2)
    first, second = keeper.begin(two), keeper.begin(two)
    assert refused(keeper, two) == ("concurrent", 1.0)
    keeper.begin(caller("other", concurrent=1))
    assert keeper.running() == {"acme": 2, "other": 1}
    second.end()
    second.end()  # only once
    assert keeper.running() == {"acme": 1, "other": 1}
    third = keeper.begin(two)
    assert refused(keeper, two) == ("concurrent", 1.0)
    for lease in (first, third):
        lease.end()
    assert keeper.running() == {"other": 1}


def test_a_lease_ends_with_its_block(keeper: QuotaKeeper) -> None:
    one = caller(concurrent=1)
    with pytest.raises(KeyError), keeper.begin(one):
        raise KeyError
    with keeper.begin(one) as lease:
        lease.end(2.5)
    assert keeper.begin(one).cpu_seconds_left == 997.5


def test_runs_within_any_minute(keeper: QuotaKeeper, clocks: Clocks) -> None:
    three = caller(per_minute=3)
    for _ in range(3):
        keeper.begin(three).end()
        clocks.pass_(10)
    assert refused(keeper, three) == ("per-minute", 30.0)  # the first was 30 s ago
    clocks.pass_(29.5)
    assert refused(keeper, three) == ("per-minute", 0.5)
    clocks.pass_(0.5)
    keeper.begin(three).end()
    assert refused(keeper, three) == ("per-minute", 10.0)
    clocks.pass_(3_600)
    for _ in range(3):
        keeper.begin(three).end()
    assert refused(keeper, three) == ("per-minute", 60.0)


def test_what_was_refused_does_not_count(keeper: QuotaKeeper, clocks: Clocks) -> None:
    once = caller(per_minute=1, concurrent=1)
    lease = keeper.begin(once)
    for _ in range(50):
        assert refused(keeper, once)[0] == "concurrent"
    lease.end()
    for _ in range(50):
        assert refused(keeper, once)[0] == "per-minute"
    clocks.pass_(60)
    keeper.begin(once)


def test_quotas_that_became_smaller_hold_at_once(keeper: QuotaKeeper, clocks: Clocks) -> None:
    for _ in range(10):
        keeper.begin(caller()).end()
        clocks.pass_(1)
    # Seven of the ten have to be a minute old before there are fewer than three.
    assert refused(keeper, caller(per_minute=3)) == ("per-minute", 57.0)
    clocks.pass_(57)
    keeper.begin(caller(per_minute=3))


def test_seconds_of_a_day(keeper: QuotaKeeper, clocks: Clocks) -> None:
    ten = caller(cpu_seconds_per_day=10.0)
    lease, beside = keeper.begin(ten), keeper.begin(ten)
    assert (lease.cpu_seconds_left, beside.cpu_seconds_left) == (10.0, 10.0)
    lease.end(7.5)
    assert keeper.begin(ten).cpu_seconds_left == 2.5
    beside.end(2.5)
    assert refused(keeper, ten) == ("cpu-per-day", 12 * 3_600)
    clocks.pass_(12 * 3_600 - 1)
    assert refused(keeper, ten) == ("cpu-per-day", 1.0)
    clocks.pass_(1)
    assert keeper.begin(ten).cpu_seconds_left == 10.0


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -5.0])
def test_seconds_that_are_none_do_not_count(keeper: QuotaKeeper, seconds: float) -> None:
    keeper.begin(caller()).end(seconds)
    assert keeper.begin(caller()).cpu_seconds_left == 1_000.0


@pytest.mark.parametrize("jump", [-86_400 * 365, -3_600, 3_600, 86_400 * 365])
def test_a_clock_that_jumps_neither_frees_nor_locks_a_tenant(
    keeper: QuotaKeeper, clocks: Clocks, jump: float
) -> None:
    three = caller(per_minute=3, cpu_seconds_per_day=10.0)
    for _ in range(3):
        keeper.begin(three).end(4.0)
    clocks.wall += datetime.timedelta(seconds=jump)
    assert refused(keeper, three) == ("per-minute", 60.0)
    clocks.wall -= datetime.timedelta(seconds=jump)
    clocks.pass_(60)
    assert refused(keeper, three) == ("cpu-per-day", 12 * 3_600 - 60)  # the day is remembered


def test_days_are_utcs(keeper: QuotaKeeper, clocks: Clocks) -> None:
    clocks.wall = datetime.datetime(
        2026, 3, 1, 23, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=-5))
    )
    keeper.begin(caller()).end(1_000.0)
    quota, seconds = refused(keeper, caller())
    assert (quota, seconds) == ("cpu-per-day", 19.5 * 3_600)  # it is 04:30 of the next day


@scenario
async def test_what_was_used_is_remembered_by_the_next_server(tmp_path: Any) -> None:
    moment = NOON
    address = f"sqlite:///{tmp_path}/service.db"
    async with opened(address, clock=lambda: moment) as store:
        await store.write(lambda work: work.usage.add("acme", cpu_seconds=9.0))
        moment += datetime.timedelta(days=1)
        await store.write(lambda work: work.usage.add("acme", cpu_seconds=4.0))
        keeper = await QuotaKeeper.open(store)
        keeper._clock = lambda: moment
        ten = caller(cpu_seconds_per_day=10.0)
        assert keeper.begin(ten).cpu_seconds_left == 6.0
        moment -= datetime.timedelta(days=1)  # also when the clock goes back
        assert keeper.begin(ten).cpu_seconds_left == 1.0
