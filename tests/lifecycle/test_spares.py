"""Guests that are forked before anybody asks for them: as fresh as any, and never lost."""

from __future__ import annotations

import dataclasses
import socket
from typing import Any

from ringfence._engines.native.engine import NativeEngine
from ringfence._engines.wasi.engine import WasiEngine
from ringfence.engine import ImageSpec
from ringfence.jail.guest_limits import GuestLimits
from ringfence.runtime.arguments import check_limits, check_policy
from ringfence.zygote.spares import Spares
from tests.lifecycle.hosts import FORK, run_host

_HEAD = """
from tests.support.leaks import await_ends

def run(source, **options):
    result = ringfence.run(source, engine={engine!r}, **options)
    assert result.ok, result.error
    return result.value

run("1")

"""


_LIMITS = GuestLimits(memory=1 << 28, disk=0, files=0, threads=1, cpu=30.0)
_ENGINES: dict[str, Any] = {"native": NativeEngine, "wasi": WasiEngine}


def test_there_is_one_however_many_were_asked_for(engine: str) -> None:
    one = _ENGINES[engine]()
    limits = check_limits(None)
    image = one.image(ImageSpec(packages=(), python=None, policy=check_policy(None), limits=limits))
    zygote = image._lease.zygote
    assert (zygote.guests, len(zygote.spares)) == (0, 0)
    guests = [image.start(limits) for _ in range(5)]
    assert (zygote.guests, len(zygote.spares)) == (5, 0)
    for _ in guests:
        image.prepare(limits)
    assert (zygote.guests, len(zygote.spares)) == (5, 1)
    for guest in guests:
        guest.close()
    assert (zygote.guests, len(zygote.spares)) == (0, 1)
    image.close()
    assert (zygote.guests, len(zygote.spares)) == (0, 0)
    image.prepare(limits)  # a guest that outlives its image has done its first work
    assert (zygote.guests, len(zygote.spares)) == (0, 0)
    one.close()


class _Guest:
    """What a spare is, without its process."""

    def __init__(self) -> None:
        self.channel, self._other = socket.socketpair()
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.channel.close()
        self._other.close()


def test_in_a_burst_there_are_two_and_after_it_one() -> None:
    now = [100.0]
    spares: Spares[Any] = Spares(clock=lambda: now[0])
    made: list[_Guest] = []

    def fork(_: GuestLimits) -> _Guest:
        made.append(_Guest())
        return made[-1]

    def take(after: float) -> int:
        """Take one so long after the last, and ask for others; how many there are then."""
        now[0] += after
        taken = spares.take(_LIMITS)
        assert taken is not None
        taken.close()
        spares.prepare(_LIMITS, fork)
        return len(spares)

    spares.prepare(_LIMITS, fork)
    assert [take(after) for after in (1.0, 0.002, 0.002, 0.002, 1.0, 1.0)] == [1, 2, 2, 2, 1, 1]
    assert len(made) == 7
    other = dataclasses.replace(_LIMITS, memory=1 << 20)
    spares.prepare(other, fork)
    assert spares.take(_LIMITS) is None
    kept = spares.take(other)
    assert kept is made[-1]
    kept.close()
    spares.drop()
    assert all(guest.closed for guest in made)


def test_one_that_is_forked_while_its_engine_closes_is_closed_too(engine: str) -> None:
    """A lease may be held still: an engine is closed with all that anybody has of it."""
    one = _ENGINES[engine]()
    limits = check_limits(None)
    image = one.image(ImageSpec(packages=(), python=None, policy=check_policy(None), limits=limits))
    spares = image._lease.zygote.spares
    made: list[_Guest] = []

    def fork(_: GuestLimits) -> _Guest:
        made.append(_Guest())
        one.close()
        return made[-1]

    spares.prepare(_LIMITS, fork)
    assert [guest.closed for guest in made] == [True]
    assert len(spares) == 0


def test_it_serves_the_limits_that_it_was_made_for_and_no_others(engine: str) -> None:
    said = run_host(
        _HEAD.format(engine=engine)
        + f"ENGINE = {engine!r}"
        + '''
big = """
def big():
    try:
        return len(bytearray(30 << 20))
    except MemoryError:
        return "refused"
big()"""
for memory in ("48MiB", "256MiB", "20MiB", "256MiB"):
    tell(run(big, limits=Limits(memory=memory)))
with Sandbox(engine=ENGINE, limits=Limits(files=1)) as box:
    box.run("open('a', 'w').close()").raise_for_status()
    tell(box.run("open('b', 'w')").error.type)
'''
    )
    size = 30 << 20
    assert said == [size, size, "refused", size, "OSError"]


def test_each_has_chance_of_its_own(engine: str) -> None:
    (said,) = run_host(
        _HEAD.format(engine=engine)
        + """
draw = "import random, secrets, os; [random.random(), secrets.token_hex(), os.urandom(8).hex()]"
tell([run(draw) for _ in range(20)])
"""
    )
    for column in zip(*said, strict=True):
        assert len(set(column)) == 20


def test_what_it_did_before_its_first_turn_does_not_show(engine: str) -> None:
    (said,) = run_host(
        _HEAD.format(engine=engine)
        + """
look = "import linecache, sys\\n[sorted(linecache.cache), sorted(globals()), sys.exc_info()[0]]"
tell([run(look) for _ in range(5)])
"""
    )
    assert "<cell 1>" in said[0][0]
    assert said == [said[0]] * 5


def test_one_that_was_killed_is_replaced(engine: str) -> None:
    said = run_host(
        _HEAD.format(engine=engine)
        + """
from tests.support.spares import spares
for _ in range(3):
    there = spares()
    for spare in there:
        os.kill(spare, signal.SIGKILL)
    await_ends(there)
    tell(run("6 * 7"))
tell(len(spares()) in (1, 2))
"""
    )
    assert said == [42, 42, 42, True]


def test_it_goes_with_the_engine(engine: str) -> None:
    (left,) = run_host(
        f"from ringfence._engines.{engine}.engine import {_ENGINES[engine].__name__} as Engine"
        """
from tests.support.leaks import Belongings
before = Belongings.now()
engine = Engine()
with Sandbox(engine=engine) as box: box.run("1")
engine.close()
tell([line for line in Belongings.now().left_since(before) if "cwasm" not in line])
"""
    )
    assert left == []


def test_a_forked_host_makes_its_own(engine: str) -> None:
    said = run_host(
        _HEAD.format(engine=engine)
        + FORK
        + """
tell(in_child(lambda: [run("6 * 7"), run("6 * 7")]))
tell(run("6 * 7"))
"""
    )
    assert said == [[42, 42], 42]
