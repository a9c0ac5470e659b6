"""Pools of hosts that fork, and that end in every way."""

from __future__ import annotations

import pytest

from tests.attacks.canaries import descendants
from tests.lifecycle.hosts import FORK, Host, await_guests, run_host
from tests.lifecycle.walls import WITH_NAMESPACES, WITHOUT, options
from tests.support.leaks import await_ends


@pytest.mark.parametrize("walls", [WITH_NAMESPACES, WITHOUT], ids="+".join)
def test_a_forked_childs_pool_begins_anew(walls: tuple[str, ...]) -> None:
    said = run_host(
        FORK
        + f"""
pool = ringfence.Pool(2, {options(walls)}).start()
pool.wait()

def use():
    before = pool.statistics()
    value = ringfence.run("6 * 7", pool=pool).value
    pool.wait()
    after = pool.statistics()
    pool.close()
    return [before.ready, value, after.missed, after.ready]

tell(in_child(use))
tell(in_child(pool.close))
statistics = pool.statistics()
tell([statistics.ready, statistics.taken, statistics.lost])
tell([ringfence.run("6 * 7", pool=pool).value for _ in range(2)])
tell(pool.statistics().lost)
"""
    )
    assert said == [[0, 42, 1, 2], None, [2, 0, 0], [42, 42], 0]


@pytest.mark.parametrize("end", ["kill", "exit"])
def test_warm_guests_end_with_their_host(end: str) -> None:
    code = "pool = ringfence.Pool(4).start()\npool.wait()\ntell('ready')\nsys.stdin.readline()"
    with Host(code) as host:
        assert host.hear() == "ready"
        await_guests(host, 4)
        everything = descendants(host.pid)
        if end == "kill":
            host.kill()
        else:
            host.go_on()
            assert host.end() == (0, "", "")
        assert await_ends(everything) == set()


@pytest.mark.parametrize("walls", [WITH_NAMESPACES, WITHOUT], ids="+".join)
def test_a_forked_child_ends_no_guest_that_its_parent_took(walls: tuple[str, ...]) -> None:
    said = run_host(
        FORK
        + f"""
pool = ringfence.Pool(2, {options(walls)}).start()
pool.wait()
boxes = [Sandbox(pool=pool).start() for _ in range(2)]

def close():
    for box in boxes: box.close()

def use_and_close():
    value = ringfence.run("6 * 7", pool=pool).value
    close()
    pool.close()
    return value

tell(in_child(close))
tell(in_child(use_and_close))
tell([box.run("6 * 7").value for box in boxes])
"""
    )
    assert said == [None, 42, [42, 42]]


def test_a_forked_child_waits_for_no_lock_of_the_pools() -> None:
    """Another thread had it when the child was forked, and is not there any more."""
    said = run_host(
        FORK
        + """
pool = ringfence.Pool(1).start()
pool.wait()
box = Sandbox(pool=pool).start()
has, let_go = threading.Event(), threading.Event()

def hold():
    with pool._stock._changed:
        has.set()
        let_go.wait()

holder = threading.Thread(target=hold, daemon=True)
holder.start()
has.wait()

def close():
    signal.alarm(30)
    box.close()
    return "closed"

tell(in_child(close))
let_go.set()
holder.join()
tell(box.run("6 * 7").value)
"""
    )
    assert said == ["closed", 42]


def test_what_a_taken_guest_leaves_is_closed_by_the_pool() -> None:
    """By its thread, a moment later; what waits for that is never much, and nothing when it ends."""
    said = run_host(
        """
def held():
    return len(os.listdir("/proc/self/fd"))

def use():
    assert ringfence.run("6 * 7", pool=pool).value == 42
    with Sandbox(pool=pool) as box: assert box.run("6 * 7").value == 42
    pool.wait()

counts = []
for _ in range(2):
    with ringfence.Pool(2) as pool:
        use()
        before = held()
        for _ in range(40): use()
        tell(held() - before < 10)
    counts.append(held())
tell(counts[1] - counts[0])
"""
    )
    assert said == [True, True, 0]


def test_a_guest_that_outlives_its_pool() -> None:
    said = run_host(
        """
from tests.support.leaks import await_ends, guests_of
with ringfence.Pool(1) as pool:
    pool.wait()
    box = Sandbox(pool=pool).start()
    held = len(os.listdir("/proc/self/fd"))
tell(box.run("6 * 7").value)
guests = guests_of(os.getpid())
box.close()
tell(sorted(await_ends(guests)))
"""
    )
    assert said == [42, []]


def test_a_taken_guest_is_killed_by_who_closes_it() -> None:
    """Only what it leaves is the pool's affair: here its thread closes nothing."""
    said = run_host(
        """
from tests.support.leaks import await_ends, guests_of
with ringfence.Pool(1) as pool:
    pool.wait()
    before = guests_of(os.getpid())
    pool._stock._close_ended = lambda: None
    box = Sandbox(pool=pool).start()
    box.run("6 * 7")
    box.close()
    tell(sorted(await_ends(before)))
    del pool._stock._close_ended
"""
    )
    assert said == [[]]


def test_a_pool_that_cannot_be_filled_holds_nothing_of_guests_that_ended() -> None:
    """What it lacks may be what they hold."""
    said = run_host(
        """
from ringfence.runtime import pool as pools

def channels():
    paths = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    return sum(os.path.lexists(path) and os.readlink(path)[:6] == "socket" for path in paths)

def refuse(source):
    raise ringfence.EngineFailure("there is nothing left to start a guest with")

with ringfence.Pool(2) as pool:
    pool.wait()
    pools.warm = refuse
    first, second = (Sandbox(pool=pool).start() for _ in range(2))
    try:
        pool.wait()
    except ringfence.EngineFailure as error:
        tell(str(error))
    while_they_live = channels()
    first.close()
    tell(channels() - while_they_live)
    second.close()
    tell(channels() - while_they_live)
"""
    )
    assert said == ["there is nothing left to start a guest with", -1, -2]


def test_a_filler_that_ends_is_started_anew() -> None:
    said = run_host(
        """
from ringfence.runtime import pool as pools

def break_down(source):
    raise MemoryError

broken_down = set()
threading.excepthook = lambda broken: broken_down.add(broken.exc_type.__name__)
with ringfence.Pool(1) as pool:
    pool.wait()
    warm, pools.warm = pools.warm, break_down
    tell(ringfence.run("6 * 7", pool=pool).value)
    while (filler := pool._stock._filler) is not None:
        filler.join()
    pools.warm = warm
    tell(sorted(broken_down))
    tell(pool.wait())
    tell(ringfence.run("6 * 7", pool=pool).value)
"""
    )
    assert said == [42, ["MemoryError"], True, 42]
