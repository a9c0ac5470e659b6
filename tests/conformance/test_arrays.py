"""NumPy arrays, scalars and DataFrames: what crosses, exactly, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ringfence
from tests.conformance.conftest import LEVEL

_PACKAGES = ["numpy", "pandas"]


@pytest.fixture(scope="module")
def boxes() -> Iterator[dict[str, ringfence.Sandbox]]:
    made: dict[str, ringfence.Sandbox] = {}
    yield made
    for box in made.values():
        box.close()


@pytest.fixture
def box(engine: str, boxes: dict[str, ringfence.Sandbox]) -> ringfence.Sandbox:
    """One sandbox with NumPy and pandas for all tests here."""
    if engine not in boxes or not boxes[engine].alive:
        box = ringfence.Sandbox(**LEVEL.options(engine, {"packages": _PACKAGES})).start()
        box.run("import numpy as np, pandas as pd").raise_for_status()
        boxes[engine] = box
    return boxes[engine]


def _same(one: Any, other: Any) -> bool:
    return bool(
        type(one) is type(other)
        and one.dtype == other.dtype
        and one.shape == other.shape
        and one.tobytes() == other.tobytes()
    )


_DTYPES = [
    "?", "i1", "u1", "<i2", ">i2", "<i4", ">u4", "<i8", ">u8", "<f2", "<f4", ">f4", "<f8", ">f8",
    "<c8", "<c16", ">c16",
]  # fmt: skip

_ARRAYS = {
    "empty": np.zeros(0),
    "empty-2d": np.zeros((0, 3), "i4"),
    "no-dimensions": np.array(5.5),
    "three-dimensions": np.arange(24).reshape(2, 3, 4),
    "all-dimensions": np.ones((1,) * 32),
    "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "transposed": np.arange(6).reshape(2, 3).T,
    "strided": np.arange(20)[::-3],
    "broadcast": np.broadcast_to(np.arange(3), (4, 3)),
    "special": np.array([np.nan, np.inf, -np.inf, -0.0]),
    "large": np.arange(1_000_000),
    "text": np.array(["a", "bcd", "ä€😀"]),
    "bytes": np.array([b"a", b"bc"]),
    "dates": np.array(["2024-02-29", "NaT"], "M8[D]"),
    "nanoseconds": np.array([1, -1], "m8[ns]"),
    **{dtype: np.array([0, 1, 2]).astype(dtype) for dtype in _DTYPES},
}


@pytest.mark.requirement("values.array")
@pytest.mark.parametrize("name", _ARRAYS)
def test_array_crosses_both_ways(box: ringfence.Sandbox, name: str) -> None:
    array = _ARRAYS[name]
    result = box.run("a, a.dtype.str, a.shape", inputs={"a": array})
    assert result.status == "ok", result.error
    value, dtype, shape = result.value
    assert _same(value, np.ascontiguousarray(array).reshape(array.shape))
    assert (dtype, shape) == (array.dtype.str, array.shape)


@pytest.mark.requirement("values.array")
def test_array_in_containers(box: ringfence.Sandbox) -> None:
    value = box.run("{'a': [np.arange(2), (np.zeros(1),)], 'b': np.arange(2)}").value
    assert value["a"][0].tolist() == [0, 1]
    assert value["a"][1][0].tolist() == [0.0]
    assert value["b"].tolist() == [0, 1]


@pytest.mark.requirement("values.array")
def test_matrix_arrives_as_array(box: ringfence.Sandbox) -> None:
    value = box.run("import warnings\nwarnings.simplefilter('ignore')\nnp.matrix([[1, 2]])").value
    assert type(value) is np.ndarray
    assert value.tolist() == [[1, 2]]


@pytest.mark.requirement("values.array-writable")
def test_array_can_be_written(box: ringfence.Sandbox) -> None:
    value = box.run("a += 1\na", inputs={"a": np.zeros(3)}).value
    value += 1
    assert value.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.requirement("values.array-refused")
@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "np.array([1, None], dtype=object)",
            "an array of dtype object cannot cross; convert it to a plain dtype",
        ),
        (
            "np.zeros(1, dtype=[('a', '<i4')])",
            "an array of dtype [('a', '<i4')] cannot cross; convert it to a plain dtype",
        ),
        (
            "np.array(['a'], dtype=np.dtypes.StringDType())",
            "an array of dtype StringDType() cannot cross; convert it to a plain dtype",
        ),
    ],
)
def test_array_that_cannot_cross(box: ringfence.Sandbox, code: str, message: str) -> None:
    result = box.run(code)
    assert (result.status, result.alive) == ("error", True)
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("EncodeError", message)


@pytest.mark.requirement("values.array-masked")
def test_masked_array_keeps_its_mask_or_is_refused(box: ringfence.Sandbox) -> None:
    result = box.run("np.ma.masked_array([1, 2, 3], mask=[0, 1, 0])")
    assert (result.status, result.alive) == ("error", True)
    assert result.error is not None
    assert (result.error.type, result.error.message) == (
        "EncodeError",
        "a masked array cannot cross; use .filled() or .compressed()",
    )


_SCALARS = {
    "float64": np.float64(1.5),
    "float32-nan": np.float32("nan"),
    "float16": np.float16(1),
    "int8": np.int8(-1),
    "uint64": np.uint64(2**64 - 1),
    "bool": np.True_,
    "complex64": np.complex64(1j),
    "datetime64": np.datetime64("2024-02-29"),
    "timedelta64": np.timedelta64(5, "s"),
}


@pytest.mark.requirement("values.scalar")
@pytest.mark.parametrize("name", _SCALARS)
def test_scalar_crosses_both_ways(box: ringfence.Sandbox, name: str) -> None:
    scalar = _SCALARS[name]
    value, kind = box.run("x, type(x).__name__", inputs={"x": scalar}).value
    assert _same(value, scalar)
    assert kind == type(scalar).__name__


@pytest.mark.requirement("values.scalar")
def test_text_scalar_arrives_as_text(box: ringfence.Sandbox) -> None:
    value = box.run("np.str_('x€'), np.bytes_(b'x')").value
    assert value == ("x€", b"x")
    assert list(map(type, value)) == [str, bytes]


@pytest.mark.requirement("values.scalar")
def test_scalar_of_another_dtype_is_opaque(box: ringfence.Sandbox) -> None:
    assert box.run("np.longdouble(1)").value == ringfence.Opaque(
        "longdouble", "np.longdouble('1.0')"
    )


@pytest.mark.requirement("values.dataframe")
def test_dataframe_is_columns_and_a_display(box: ringfence.Sandbox) -> None:
    result = box.run(
        "pd.DataFrame({'n': [1, 2], 'x': [0.5, None], 's': ['a', 'b'],"
        " 't': pd.to_datetime(['2024-01-01', '2024-01-02']), 'c': pd.Categorical(['u', 'v'])})"
    )
    assert result.status == "ok", result.error
    value = result.value
    assert list(value) == ["n", "x", "s", "t", "c"]
    assert value["n"].tolist() == [1, 2]
    assert value["x"].tolist()[0] == 0.5
    assert np.isnan(value["x"][1])
    assert (value["s"], value["c"]) == (["a", "b"], ["u", "v"])
    assert value["t"].astype("M8[D]").astype(str).tolist() == ["2024-01-01", "2024-01-02"]
    (display,) = result.displays
    assert sorted(display.data) == ["text/html", "text/plain"]
    html = display.data["text/html"]
    assert isinstance(html, str)
    assert html.startswith("<div>")
    assert "<td>0.5</td>" in html


@pytest.mark.requirement("values.dataframe")
def test_frames_and_columns_inside_containers(box: ringfence.Sandbox) -> None:
    result = box.run(
        "df = pd.DataFrame({'a': [1]})\n[df, {'column': df['a'], 'index': df.columns}]"
    )
    frame, parts = result.value
    assert frame["a"].tolist() == [1]
    assert parts["column"].tolist() == [1]
    assert parts["index"] == ["a"]
    assert len(result.displays) == 1


@pytest.mark.requirement("values.not-a-time")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pd.NaT", ringfence.Opaque("NaTType", "NaT")),
        ("[pd.NA]", [ringfence.Opaque("NAType", "<NA>")]),
        ("pd.Timestamp('2024-01-01').isoformat()", "2024-01-01T00:00:00"),
        ("pd.Series(['x', None]).isna().to_numpy().tolist()", [False, True]),
    ],
)
def test_missing_values_do_not_break_the_turn(
    box: ringfence.Sandbox, code: str, expected: Any
) -> None:
    result = box.run(code)
    assert (result.status, result.alive) == ("ok", True)
    assert result.value == expected


@pytest.mark.requirement("values.not-a-time")
def test_timestamp_arrives_as_datetime(box: ringfence.Sandbox) -> None:
    value = box.run("pd.Timestamp('2024-01-01 10:00:00.000001', tz='UTC')").value
    assert value.isoformat() == "2024-01-01T10:00:00.000001+00:00"


# --- returns= -------------------------------------------------------------------------------


@pytest.mark.requirement("returns.array")
def test_returns_array(box: ringfence.Sandbox) -> None:
    value = box.run("np.zeros((2, 3))", returns=np.ndarray).value
    assert value.shape == (2, 3)
    typed = np.ndarray[tuple[int, int], np.dtype[np.float64]]
    assert box.run("np.zeros((2, 3))", returns=typed).value.shape == (2, 3)


@pytest.mark.requirement("returns.array")
@pytest.mark.parametrize(
    ("code", "annotation"),
    [
        ("[1, 2]", np.ndarray),
        ("np.zeros((2, 3), 'i8')", np.ndarray[tuple[int, int], np.dtype[np.float64]]),
        ("np.zeros((2, 3, 4))", np.ndarray[tuple[int, int], np.dtype[np.float64]]),
    ],
)
def test_returns_array_mismatch(box: ringfence.Sandbox, code: str, annotation: Any) -> None:
    result = box.run(code, returns=annotation)
    assert (result.status, result.value, result.alive) == ("error", None, True)
    assert result.error is not None
    assert result.error.type == "ValidationFailed"
    assert result.error.message.startswith("value: expected ")
