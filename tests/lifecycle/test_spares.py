"""The guest that is forked before anybody asks for it: as fresh as any, and never lost."""

from __future__ import annotations

from typing import Any

from ringfence._engines.native.engine import NativeEngine
from ringfence._engines.wasi.engine import WasiEngine
from ringfence.engine import ImageSpec
from ringfence.runtime.arguments import check_limits, check_policy
from tests.lifecycle.hosts import FORK, run_host

_HEAD = """
from tests.support.leaks import await_ends

def run(source, **options):
    result = ringfence.run(source, engine={engine!r}, **options)
    assert result.ok, result.error
    return result.value

run("1")

"""


_ENGINES: dict[str, Any] = {"native": NativeEngine, "wasi": WasiEngine}


def test_there_is_one_however_many_were_asked_for(engine: str) -> None:
    one = _ENGINES[engine]()
    limits = check_limits(None)
    image = one.image(ImageSpec(packages=(), python=None, policy=check_policy(None), limits=limits))
    zygote = image._lease.zygote
    assert (zygote.guests, zygote.spare.there) == (0, False)
    guests = [image.start(limits) for _ in range(5)]
    assert (zygote.guests, zygote.spare.there) == (5, False)
    for _ in guests:
        image.prepare(limits)
    assert (zygote.guests, zygote.spare.there) == (5, True)
    for guest in guests:
        guest.close()
    assert (zygote.guests, zygote.spare.there) == (0, True)
    image.close()
    assert (zygote.guests, zygote.spare.there) == (0, False)
    image.prepare(limits)  # a guest that outlives its image has done its first work
    assert (zygote.guests, zygote.spare.there) == (0, False)
    one.close()


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


def test_one_that_was_killed_is_replaced(engine: str) -> None:
    said = run_host(
        _HEAD.format(engine=engine)
        + """
from tests.support.spares import spares
for _ in range(3):
    (spare,) = spares()
    os.kill(spare, signal.SIGKILL)
    await_ends([spare])
    tell(run("6 * 7"))
tell(len(spares()))
"""
    )
    assert said == [42, 42, 42, 1]


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
