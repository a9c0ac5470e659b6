"""Arrays that are lent where they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence import ConfigurationError, Limits
from tests.conformance.conftest import Level, Make, MakeAsync, finish

MIB = 1 << 20
_DEFINE = """
import numpy as np

def look(array):
    return [list(array.shape), str(array.dtype), float(array.sum()), array.flags.writeable]

def keep(array):
    global kept
    kept = array

def give():
    return kept

def change(array):
    array[0] = 1
"""


@pytest.fixture
def numpy_box(make: Make) -> ringfence.Sandbox:
    box = make(packages=["numpy"])
    box.run(_DEFINE).raise_for_status()
    return box


def filled(shape: Any, dtype: Any = "f8") -> Any:
    array = ringfence.empty(shape, dtype)
    array[:] = np.arange(array.size).reshape(array.shape) % 100
    return array


@pytest.mark.requirement("arena.same")
@pytest.mark.parametrize("dtype", ["f8", "<f4", "i2", "u1", "?", "c16", "<M8[s]", "<U4"])
def test_it_arrives_as_any_array(numpy_box: ringfence.Sandbox, dtype: str) -> None:
    array = ringfence.empty((2, MIB // 2), dtype)
    array[:] = np.arange(MIB).reshape(2, -1).astype(dtype)
    numpy_box.call("keep", array).raise_for_status()
    given = numpy_box.call("give").raise_for_status().value
    assert (given.dtype, given.shape) == (array.dtype, array.shape)
    assert (given == array).all()


@pytest.mark.requirement("arena.live")
def test_it_is_where_it_was(numpy_box: ringfence.Sandbox) -> None:
    array = filled(MIB)
    first = numpy_box.call("keep", array)
    assert (first.status, first.usage.shared) == ("ok", array.nbytes)
    assert numpy_box.call("look", array).value[2] == array.sum()
    array[:] = 0
    array[7] = 42.0
    assert numpy_box.run("[kept.sum(), kept[7]]", returns=list[float]).value == [42.0, 42.0]
    assert numpy_box.run("1").usage.shared == 0


@pytest.mark.requirement("arena.live")
def test_it_is_lent_to_async_guests_and_to_those_of_a_pool(
    make_async: MakeAsync, engine: str, level: Level
) -> None:
    array = filled(MIB)

    async def work(**options: Any) -> list[Any]:
        async with make_async(**options) as box:
            result = await box.run("float(array.sum())", inputs={"array": array})
            return [result.value, result.usage.shared]

    assert finish(work(packages=["numpy"])) == [array.sum(), array.nbytes]
    with ringfence.Pool(1, **level.options(engine, {"packages": ["numpy"]})) as pool:
        pool.wait(60)
        result = ringfence.run("float(array.sum())", inputs={"array": array}, pool=pool)
    assert (result.value, result.usage.shared) == (array.sum(), array.nbytes)


@pytest.mark.requirement("arena.read-only")
def test_a_guest_cannot_write_to_it(numpy_box: ringfence.Sandbox, engine: str) -> None:
    array = filled(MIB)
    result = numpy_box.call("change", array)
    if not ringfence.engines()[engine].capabilities.arenas:  # what it changes is a copy
        assert (result.status, array[0]) == ("ok", 0)
        return
    assert result.error is not None
    assert (result.status, result.error.type) == ("error", "ValueError")
    assert result.error.message == "assignment destination is read-only"
    assert array[0] == 0


@pytest.mark.requirement("arena.parts")
def test_parts_and_several_of_them(numpy_box: ringfence.Sandbox) -> None:
    first, second = filled((4, MIB)), filled((MIB, 2), "i4")
    inputs = {
        "whole": first,
        "row": first[2],
        "rows": first[1:3],
        "column": first[:, 5],
        "turned": first.T,
        "every": first[0, ::2],
        "other": second,
        "again": first,
    }
    code = "{name: float(globals()[name].sum()) for name in NAMES}"
    numpy_box.run("NAMES = " + repr(list(inputs)))
    result = numpy_box.run(code, inputs=inputs, limits=numpy_box.limits.replace(value="256MiB"))
    assert result.value == {name: float(array.sum()) for name, array in inputs.items()}
    if result.usage.shared:
        in_place = ("whole", "row", "rows", "other", "again")
        assert result.usage.shared == sum(inputs[name].nbytes for name in in_place)
    many = [filled(MIB, "u1") for _ in range(20)]
    numpy_box.run("def total(*arrays): return float(sum(a.sum() for a in arrays))")
    assert numpy_box.call("total", *many).value == float(sum(a.sum() for a in many))


@pytest.mark.requirement("arena.small")
def test_small_ones_travel(numpy_box: ringfence.Sandbox) -> None:
    array = filled(MIB // 8 - 1)
    result = numpy_box.call("look", array)
    assert (result.value[2], result.usage.shared) == (array.sum(), 0)
    nothing = numpy_box.call("look", ringfence.empty((0, 3)))
    assert (nothing.value, nothing.usage.shared) == ([[0, 3], "float64", 0.0, True], 0)


@pytest.mark.requirement("arena.kept")
def test_a_guest_keeps_it(numpy_box: ringfence.Sandbox) -> None:
    total = float(filled(MIB).sum())
    numpy_box.call("keep", filled(MIB)).raise_for_status()
    for _ in range(200):  # more than a guest has descriptors
        assert numpy_box.call("look", filled(MIB)).value[2] == total
    assert numpy_box.run("float(kept.sum())").value == total


@pytest.mark.requirement("arena.no-room")
def test_a_guest_without_room(make: Make, level: Level) -> None:
    box = make(packages=["numpy"], limits=Limits(memory="64MiB"))
    box.run(_DEFINE).raise_for_status()
    large = ringfence.empty(16 * MIB)
    result = box.call_with("look", [large], limits=box.limits.replace(value="256MiB"))
    assert (result.status, result.limit, result.alive) == ("limit", "memory", True)
    small = filled(MIB)
    assert box.call("look", small).value[2] == small.sum()
    if level.private:
        box.run("files = []\ntry:\n  while 1: files.append(open('f', 'w'))\nexcept OSError: pass")
        result = box.call("look", small)
        assert result.value is None or result.value[2] == small.sum()
        assert result.alive
        box.run("del files")
        assert box.call("look", small).value[2] == small.sum()


@pytest.mark.requirement("arena.wrong")
@pytest.mark.parametrize(
    ("make_it", "message"),
    [
        (lambda: ringfence.empty(-1), "shape=-1 must be a length, or several, from 0"),
        (lambda: ringfence.empty((1, 2.0)), "shape=(1, 2.0) must be a length, or several, from 0"),  # type: ignore[arg-type]
        (lambda: ringfence.empty(3, "O"), "dtype='O' is not plain: arrays of it cannot cross"),
        (lambda: ringfence.empty(3, "nope"), "dtype='nope' is not a dtype of NumPy's"),
        (
            lambda: ringfence.empty(1 << 50),
            f"shape={1 << 50} of float64 takes {1 << 53} bytes; at most {1 << 46}",
        ),
    ],
)
def test_what_is_no_array(engine: str, make_it: Callable[[], Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{re.escape(message)}$"):
        make_it()
