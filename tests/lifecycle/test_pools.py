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
