"""Sessions that are saved and restored by another Python: source and data, and no bytecode."""

from __future__ import annotations

import itertools

import pytest

import ringfence
from ringfence import Lost
from tests.conformance.conftest import Make
from tests.conformance.interpreters import SUPPORTED, find_interpreter
from tests.conformance.saving import KEY, SOURCE, Restore

_PORTABLE = (
    SOURCE
    + """
import datetime, decimal, pathlib
when = datetime.datetime(2024, 2, 29, 12, 30)
price = decimal.Decimal("1.50")
where = pathlib.PurePosixPath("/a/b")
real = pathlib.Path("c")
"""
)
_PAIRS = list(itertools.permutations(SUPPORTED, 2))


@pytest.mark.requirement("state.versions")
@pytest.mark.parametrize(
    ("one", "other"), _PAIRS, ids=[f"{a[0]}.{a[1]}-{b[0]}.{b[1]}" for a, b in _PAIRS]
)
def test_another_python(
    make: Make, restore: Restore, one: tuple[int, int], other: tuple[int, int]
) -> None:
    pythons = [find_interpreter(one), find_interpreter(other)]
    for version, path in zip((one, other), pythons, strict=True):
        if path is None:
            pytest.skip(f"no CPython {version[0]}.{version[1]} on this machine")
    try:
        box = make(python=pythons[0])
        make(python=pythons[1])
    except ringfence.PolicyNotEnforceable as error:
        if "cannot be read once root's rights are given up" not in str(error):
            raise
        pytest.skip("an interpreter can be read by root only, and there is no mount namespace")
    box.run(_PORTABLE).raise_for_status()
    code = (
        "[points[0].norm(), outer(1), cached(1), greet('you'), square(3), table['double'](4), pair,"
        " red.name, when, price, str(where), str(real), type(real).__name__]"
    )
    expected = box.run(code).raise_for_status().value
    state = box.save(key=KEY)
    assert state.lost == ()
    box = restore(state, python=pythons[1])
    assert box.lost == ()
    assert box.run("import sys\nsys.version_info[:2]").value == other
    assert box.run(code).raise_for_status().value == expected
    box = restore(box.save(key=KEY), python=pythons[0])
    assert box.lost == ()
    assert box.run(code).raise_for_status().value == expected


@pytest.mark.requirement("state.no-bytecode")
def test_no_bytecode(make: Make) -> None:
    box = make()
    box.run(
        "def f(secret_constant=1234567): return secret_constant * 7654321\n"
        "data = [f, f.__name__]\ncode = f.__code__"
    ).raise_for_status()
    bytecode: bytes = box.run("f.__code__.co_code").value
    state = box.save(key=KEY)
    assert state.lost == (Lost("code", "code", "TypeError: cannot pickle code objects"),)
    assert bytecode not in bytes(state)
    assert b"return secret_constant * 7654321" in bytes(state)
