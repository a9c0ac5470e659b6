"""Sessions that move from one engine to another, and to another Python, and back."""

from __future__ import annotations

from typing import Any

import pytest

import ringfence
from ringfence import Sandbox
from ringfence.runtime.registry import describe_engines
from tests.conformance.conftest import LEVEL, Make
from tests.conformance.interpreters import SUPPORTED, find_interpreter
from tests.support.snapshots import KEY

_SESSION = """
import datetime, decimal, enum, functools, math, re
from collections import Counter, OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath
from uuid import UUID

class Color(enum.Enum):
    RED = 1
    BLUE = 2

@dataclass
class Point:
    x: float
    y: float = 2.0
    tags: list = field(default_factory=list)

    def norm(self):
        return math.hypot(self.x, self.y)

class Named(Point):
    count = 0

    def __repr__(self):
        return f"Named({self.x:g})"

@functools.lru_cache
def cached(n):
    return n + OFFSET

def outer(n):
    def inner(m):
        return n + m
    return inner(1)

async def later(n):
    return n * 2

OFFSET = 10
square = lambda n: n * n
Pair = namedtuple("Pair", "a b")
named = Named(3.0, 4.0, ["t"])
same = [named, named]
numbers = [0, -1, 2**100, 0.1, float("inf"), 1 + 2j, Fraction(1, 3), decimal.Decimal("1.10")]
texts = ["é\\u4e2d\\U0001f600", b"\\x00\\xff", bytearray(b"x"), re.compile("a+", re.I)]
whens = [
    datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc), datetime.date(1, 1, 1),
    datetime.timedelta(days=-1, microseconds=5), datetime.time(23, 59),
]
kinds = [Counter("aab"), OrderedDict(a=1), defaultdict(list, k=[1]), Pair(1, 2), {1, 2}, frozenset("z")]
others = [Color.BLUE, PurePosixPath("/a/b"), UUID(int=5), range(1, 9, 2), slice(1, 2), ..., None]
def triple(n):
    return 3 * n

table = {"f": triple, (1, "a"): [Color.RED], None: {"deep": {"er": named}}}
table["itself"] = table
generator = (n for n in range(3))
given = [square]
"""

_LOOK = """
[
    named.norm(), repr(named), same[0] is same[1] is named, Named.count, cached(5), outer(2), square(5),
    await later(4), numbers, [t if not hasattr(t, "pattern") else t.pattern for t in texts], whens,
    [dict(k) if isinstance(k, dict) else sorted(k) if isinstance(k, (set, frozenset)) else tuple(k) for k in kinds],
    [type(k).__name__ for k in kinds], [str(o) for o in others], others[0] is Color.BLUE,
    table["f"](3), table[None]["deep"]["er"] is named, table["itself"] is table, kinds[2].default_factory is list,
]
"""


def _standing(engine: str) -> None:
    availability = describe_engines()[engine].availability
    if not availability.walls:
        pytest.skip(f"{engine} cannot run here: {availability.remedy}")


@pytest.mark.requirement("state.engines")
def test_to_every_engine_and_back(engine: str, make: Make) -> None:
    box = make()
    box.run(_SESSION).raise_for_status()
    expected = box.run(_LOOK).raise_for_status().value
    state = box.save(key=KEY)
    assert {one.name for one in state.lost} == {"generator", "given"}
    for other in describe_engines():
        _standing(other)
        with Sandbox.restore(state, key=KEY, **_options(other)) as there:
            assert there.lost == state.lost
            assert there.run(_LOOK).raise_for_status().value == expected
            there.run(
                "numbers.append(6)\nNamed.count = 7\ndef grown(): return numbers[-1]"
            ).raise_for_status()
            back = there.save(key=KEY)
            assert back.lost == ()
        with Sandbox.restore(back, key=KEY, **_options(engine)) as here:
            code = "grown(), Named.count, outer(3), [named is s for s in same]"
            assert here.run(code).raise_for_status().value == (6, 7, 4, [True, True])


def _options(engine: str) -> dict[str, Any]:
    walls = describe_engines()[engine].availability.walls
    level = LEVEL if LEVEL.walls is None or LEVEL.walls in walls else type(LEVEL)(None)
    return level.options(engine, {})


@pytest.mark.requirement("state.engines")
def test_what_the_other_engine_has_not_is_named(make: Make, engine: str) -> None:
    """A module in C that one Python has and the other has not: only what needs it is lost."""
    missing = {name: info.capabilities.missing_modules for name, info in describe_engines().items()}
    for other in describe_engines():
        _standing(other)
        only = sorted((missing[other] - missing[engine]) & {"bz2", "ctypes", "tkinter"})
        if not only:
            continue
        box = make()
        box.run(
            f"import {only[0]}\nkept = 5\ndef pack(): return {only[0]}.__name__"
        ).raise_for_status()
        state = box.save(key=KEY)
        with Sandbox.restore(state, key=KEY, **_options(other)) as there:
            assert [lost.name for lost in there.lost] == [only[0]]
            assert only[0] in there.lost[0].reason
            assert there.run("kept").value == 5
            result = there.run("pack()")
            assert result.error is not None
            assert result.error.type == "NameError"


@pytest.mark.requirement("state.engines")
@pytest.mark.parametrize("version", SUPPORTED, ids=lambda v: f"{v[0]}.{v[1]}")
@pytest.mark.parametrize("there", sorted(describe_engines()))
def test_from_every_python(make: Make, engine: str, there: str, version: tuple[int, int]) -> None:
    """Each Python that ``python=`` can have, to each engine and back."""
    if not ringfence.engines()[engine].capabilities.interpreters:
        pytest.skip(f"{engine} has no interpreters (its Capabilities)")
    if there == engine:
        pytest.skip("from one Python to another of the same engine: state.versions")
    _standing(there)
    path = find_interpreter(version)
    if path is None:
        pytest.skip(f"no CPython {version[0]}.{version[1]} on this machine")
    try:
        box = make(python=path)
    except ringfence.PolicyNotEnforceable as error:
        if "cannot be read once root's rights are given up" not in str(error):
            raise
        pytest.skip("an interpreter can be read by root only, and there is no mount namespace")
    box.run(_SESSION).raise_for_status()
    expected = box.run(_LOOK).raise_for_status().value
    with Sandbox.restore(box.save(key=KEY), key=KEY, **_options(there)) as other:
        assert other.run(_LOOK).raise_for_status().value == expected
        back = other.save(key=KEY)
    with Sandbox.restore(back, key=KEY, **{**_options(engine), "python": path}) as again:
        assert again.run(_LOOK).raise_for_status().value == expected


@pytest.mark.requirement("state.engines")
def test_a_snapshot_does_not_move(engine: str, make: Make) -> None:
    if not ringfence.engines()[engine].capabilities.snapshot:
        pytest.skip(f"{engine} has no snapshot (its Capabilities)")
    state = make().snapshot(key=KEY)
    for other, info in describe_engines().items():
        if other == engine:
            continue
        _standing(other)
        assert not info.capabilities.snapshot
        with pytest.raises(ringfence.PolicyNotEnforceable, match=f"{other}: its guests cannot be"):
            Sandbox.restore(state, key=KEY, **_options(other))
