"""What crosses comes out as it went in, for every kind of value."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import math
import subprocess
import sys
import uuid
from collections import OrderedDict, UserDict, namedtuple
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence_guest.protocol import codec, json_text
from ringfence_guest.protocol.codec import EncodeError, ValueTooLarge, charge
from ringfence_guest.protocol.values import (
    MAX_BIG_INT_BYTES,
    MAX_DEPTH,
    MAX_FRACTION_BITS,
    Opaque,
    Record,
    StreamHandle,
)
from tests.support.values import (
    FAR,
    arrays,
    canonical,
    hashable_values,
    round_trip,
    steady,
    values,
)

# --- round trips ---------------------------------------------------------------------------


@steady
@given(values)
def test_every_value_comes_out_as_it_went_in(value: Any) -> None:
    assert canonical(round_trip(value)) == canonical(value)


@steady
@given(arrays)
def test_every_array_comes_out_as_it_went_in(array: np.ndarray[Any, Any]) -> None:
    assert canonical(round_trip(array)) == canonical(array)


@steady
@given(arrays)
def test_arrays_that_are_views_come_out_as_copies(array: np.ndarray[Any, Any]) -> None:
    backwards = array.T[..., ::-1] if array.ndim else array
    back = round_trip(backwards)
    assert canonical(back) == canonical(np.ascontiguousarray(backwards).reshape(backwards.shape))
    assert back.flags.owndata or back.base is not None
    assert back.flags.writeable


@steady
@given(arrays)
def test_scalars_of_arrays_cross(array: np.ndarray[Any, Any]) -> None:
    for scalar in array.reshape(-1)[:3]:
        expected = scalar.item() if scalar.dtype.kind in "US" else scalar
        assert (
            canonical(round_trip(scalar)).replace(">", "<") == canonical(expected).replace(">", "<")
            or scalar.dtype.byteorder == ">"
        )


@steady
@given(values)
def test_what_is_encoded_under_a_limit_is_decoded_under_it(value: Any) -> None:
    packed = codec.encode(value, limit=FAR)
    cost = charge(packed.body, packed.blob_size)
    assert canonical(round_trip(value, limit=cost)) == canonical(value)
    with pytest.raises(ValueTooLarge):
        codec.encode(value, limit=cost - 1)


@steady
@given(hashable_values, values)
def test_keys_come_out_as_keys(key: Any, value: Any) -> None:
    assert canonical(round_trip({key: value, "x": {key}})) == canonical({key: value, "x": {key}})


class Money(decimal.Decimal):
    def __str__(self) -> str:
        return f"${super().__str__()}"


class Loud(str):
    def __str__(self) -> str:
        return self.upper()


class Colour(enum.Enum):
    RED = [1, 2]


class Level(enum.IntEnum):
    HIGH = 3


Pair = namedtuple("Pair", "x y")


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: Any = None


class Model(pydantic.BaseModel):
    name: str
    size: int = 3


class Moment(datetime.datetime):
    def isoformat(self, *arguments: Any, **options: Any) -> str:
        return "tomorrow"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abcd")[1:3], b"bc"),
        (memoryview(np.arange(3, dtype="<i2").data), b"\0\0\1\0\2\0"),
        (Money("1.50"), decimal.Decimal("1.50")),
        (Loud("quiet"), "QUIET"),
        (Colour.RED, [1, 2]),
        (Level.HIGH, 3),
        (True, True),
        (Pair(1, "a"), (1, "a")),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (Point(1, [2]), Record("Point", {"x": 1, "y": [2]})),
        (Model(name="n"), Record("Model", {"name": "n", "size": 3})),
        (Record("r" * 300, {}), Record("r" * 256, {})),
        (Moment(2020, 1, 2, 3, fold=1), datetime.datetime(2020, 1, 2, 3, fold=1)),
        (
            pd.Timestamp("2020-01-02 03:04:05.678901234"),
            datetime.datetime(2020, 1, 2, 3, 4, 5, 678901),
        ),
        (pd.Timedelta("1 day 00:00:01"), datetime.timedelta(1, 1)),
        (pd.NaT, Opaque("NaTType", "NaT")),
        (np.str_(""), ""),
        (np.bytes_(b"x"), b"x"),
        (np.str_("längre"), "längre"),
        (np.longdouble(1), Opaque("longdouble", repr(np.longdouble(1)))),
        (np.array(["a"], dtype=">U1"), np.array(["a"], dtype="<U1")),
        (np.array(["2020-01-01"], dtype=">M8[D]"), np.array(["2020-01-01"], dtype="<M8[D]")),
        (np.float64(0.5), np.float64(0.5)),
        (np.array([1, 2]).view(np.recarray), np.array([1, 2])),
        (Opaque("t" * 300, "x" * 3_000), Opaque("t" * 256, "x" * 2_000)),
        ("\ud83d\ude00", "\ud83d\ude00"),
        ("x" * 257, "x" * 257),
        ([1.5] * 20, [1.5] * 20),
        ([1, None, True] * 20, [1, None, True] * 20),
        ([1 << 63] * 20, [1 << 63] * 20),
        ([1e308] * 20, [1e308] * 20),
        ([math.inf] * 20, [math.inf] * 20),
        (["a"] * 20, ["a"] * 20),
        # as a key, or in a set, what cannot be hashed on the other side is opaque
        ({Colour.RED: 1}, {Opaque("list", "[1, 2]"): 1}),
        ({(1, Colour.RED)}, {(1, Opaque("list", "[1, 2]"))}),
        ({Point(1)}, {Record("Point", {"x": 1, "y": None})}),
        ({Point(1): 2}, {Record("Point", {"x": 1, "y": None}): 2}),
        ({Record("r", {"a": [1]})}, {Record("r", {"a": Opaque("list", "[1]")})}),
        ({Record("r", {"a": {}})}, {Record("r", {"a": Opaque("dict", "{}")})}),
        ({Record("r", {"a": {1}})}, {Record("r", {"a": Opaque("set", "{1}")})}),
        (
            frozenset({Record("r", {"a": np.arange(1)})}),
            frozenset({Record("r", {"a": Opaque("ndarray", "array([0])")})}),
        ),
    ],
)
def test_what_other_types_become(value: Any, expected: Any) -> None:
    assert canonical(round_trip(value)) == canonical(expected)


def test_many_equal_keys_are_not_taken_for_an_attack() -> None:
    nans = {float("nan") for _ in range(40)}
    assert canonical(round_trip(nans)) == canonical({math.nan})
    alike = {type("Odd", (), {"__repr__": lambda self: "odd"})(): i for i in range(40)}
    assert round_trip(alike) == {Opaque("Odd", "odd"): 39}
    points = {Point(i) for i in range(100)}
    assert round_trip(points) == {Record("Point", {"x": i, "y": None}) for i in range(100)}


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (object, "type", "<class 'object'>"),
        (UserDict(a=1), "UserDict", "{'a': 1}"),
        (range(3), "range", "range(0, 3)"),
        (StreamHandle, "type", repr(StreamHandle)),
    ],
)
def test_anything_else_is_opaque(value: Any, name: str, text: str) -> None:
    assert round_trip([value]) == [Opaque(name, text)]


def test_an_object_that_breaks_its_repr_is_opaque_all_the_same() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ZeroDivisionError

    name = Broken.__qualname__
    assert round_trip(Broken()) == Opaque(name, f"<{name} whose repr raised ZeroDivisionError>")


def test_replace_is_asked_for_what_is_unknown() -> None:
    class Table:
        pass

    def replace(value: Any) -> Any:
        return [1, 2] if isinstance(value, Table) else value

    packed = codec.encode({"t": Table(), "p": Point(1), "r": range(2)}, limit=FAR, replace=replace)
    assert codec.decode(packed.body, limit=FAR) == {
        "t": [1, 2],
        "p": Record("Point", {"x": 1, "y": None}),
        "r": Opaque("range", "range(0, 2)"),
    }


def test_stream_handles_become_what_the_reader_makes_of_them() -> None:
    packed = codec.encode([StreamHandle(3, "read")], limit=FAR)
    assert codec.decode(packed.body, limit=FAR, stream=lambda *a: a) == [(3, "read")]


MEMORY = memoryview(np.arange(8, dtype="<i2").tobytes())


def test_arrays_in_shared_memory_stay_there() -> None:
    packed = codec.encode(
        [np.zeros((2, 3), "<i2"), np.zeros(0, "<f8"), np.int8(1)],
        limit=FAR,
        share=lambda array: (1, 4) if array.ndim == 2 else None,
    )
    blob = b"".join(map(bytes, packed.blob))
    assert packed.body.startswith(b'[{"shared":["<i2",[2,3],1,4]},')
    shared, empty, scalar = codec.decode(packed.body, blob, limit=FAR, shared=[MEMORY, MEMORY])
    assert shared.tolist() == [[2, 3, 4], [5, 6, 7]]
    assert not shared.flags.writeable
    assert (empty.shape, scalar) == ((0,), 1)


@pytest.mark.parametrize("content", ["1,0", "-1,0", "0,6", "0,-1"])
def test_arrays_beyond_the_memory_that_was_lent(content: str) -> None:
    body = f'{{"shared":["<i2",[6],{content}]}}'.encode()
    with pytest.raises(codec.DecodeError, match=r"^an array (in|beyond the) memory that was"):
        codec.decode(body, limit=FAR, shared=[MEMORY])


def test_shared_arrays_come_out_opaque_where_numpy_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert codec.decode(b'{"shared":["<i2",[6],0,0]}', limit=FAR, shared=[MEMORY]) == Opaque(
        "numpy.ndarray", "dtype=<i2 shape=[6]; NumPy is not installed here"
    )


def test_arrays_come_out_opaque_where_numpy_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = codec.encode([np.arange(3, dtype="<i2"), np.int8(1)], limit=FAR)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert codec.decode(packed.body, b"".join(map(bytes, packed.blob)), limit=FAR) == [
        Opaque("numpy.ndarray", "dtype=<i2 shape=[3]; NumPy is not installed here"),
        Opaque("numpy.generic", "dtype=|i1; NumPy is not installed here"),
    ]


def test_without_numpy_an_object_is_opaque_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "numpy")
    assert round_trip(range(3)) == Opaque("range", "range(0, 3)")


def test_modules_that_were_not_loaded_are_not_loaded_to_encode() -> None:
    program = (
        "import sys; from ringfence_guest.protocol import codec\n"
        "codec.encode([object(), range(3), {1: b'x'}], limit=1 << 20)\n"
        "print(sorted({'numpy', 'decimal', 'fractions', 'uuid', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_the_accelerator_the_text_is_the_same() -> None:
    plain = json_text._make_dumps(None)
    for value in (None, 1, 1.5, 'é"\\', [1, [2, {"tuple": ["x", True]}]]):
        assert plain(value) == json_text.dumps(value) == json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize("items", [1, 3, 10, 17])
def test_short_lists_are_charged_once_they_are_long(items: int) -> None:
    value = ["x" * 200] * items
    packed = codec.encode(value, limit=FAR)
    assert tuple(packed) == (json.dumps(value, separators=(",", ":")).encode(), [], 0)
    cost = charge(packed.body, 0)
    assert codec.encode(value, limit=cost).body == packed.body
    with pytest.raises(ValueTooLarge):
        codec.encode(value, limit=cost - 1)


# --- limits of what may leave --------------------------------------------------------------


def nested(depth: int, value: Any = 0) -> Any:
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "wrap", [lambda v: [v], lambda v: (v,), lambda v: {"k": v}, lambda v: Record("r", {"f": v})]
)
@pytest.mark.parametrize(
    "leaf", [complex(math.nan, 1), np.arange(2), fractions.Fraction(1 << 64, 3)]
)
def test_the_deepest_value_that_leaves_also_arrives(wrap: Any, leaf: Any) -> None:
    value = leaf
    for _ in range(MAX_DEPTH):
        value = wrap(value)
    assert canonical(round_trip(value)) == canonical(value)
    with pytest.raises(EncodeError, match=f"^the value is nested deeper than {MAX_DEPTH}"):
        codec.encode(wrap(value), limit=FAR)


def test_a_value_that_contains_itself() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(EncodeError, match="or contains itself$"):
        codec.encode(loop, limit=FAR)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1 << (8 * MAX_BIG_INT_BYTES), "an integer of 65537 bytes; at most 65536 may cross"),
        (decimal.Decimal("1E+6145"), "a Decimal with the exponent 6145; at most 6144"),
        (decimal.Decimal("1E-6145"), "a Decimal with the exponent -6145; at most 6144"),
        (decimal.Decimal("1" * 4_301), "a Decimal of 4301 digits; at most 4300"),
        (decimal.Decimal("NaN" + "1" * 4_301), "a Decimal of 4301 digits; at most 4300"),
        (
            fractions.Fraction(1 << MAX_FRACTION_BITS, 3),
            f"a Fraction of {MAX_FRACTION_BITS + 1} bits; at most {MAX_FRACTION_BITS} may cross",
        ),
        (
            fractions.Fraction(1, 1 << MAX_FRACTION_BITS),
            f"a Fraction of {MAX_FRACTION_BITS + 1} bits; at most {MAX_FRACTION_BITS} may cross",
        ),
        (
            np.array([object()]),
            "an array of dtype object cannot cross; convert it to a plain dtype",
        ),
        (
            np.zeros(1, [("a", "i4")]),
            "an array of dtype [('a', '<i4')] cannot cross; convert it to a plain dtype",
        ),
        (
            np.array(["a"], np.dtypes.StringDType()),
            "an array of dtype StringDType() cannot cross; convert it to a plain dtype",
        ),
        (
            np.ma.masked_array([1], mask=[True]),
            "a masked array cannot cross; use .filled() or .compressed()",
        ),
        (np.zeros(1, np.longdouble), "an array of dtype float128 cannot cross"),
        (np.zeros((1,) * 33), "an array of 33 dimensions; at most 32"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else type(value).__name__,
)
def test_what_cannot_leave(value: Any, message: str) -> None:
    with pytest.raises(EncodeError) as caught:
        codec.encode([value], limit=FAR)
    assert str(caught.value) == message
    assert not isinstance(caught.value, ValueTooLarge)


@pytest.mark.parametrize(
    "value",
    [
        (1 << (8 * MAX_BIG_INT_BYTES - 1)) - 1,
        1 - (1 << (8 * MAX_BIG_INT_BYTES - 1)),
        decimal.Decimal("1" * 4_300 + "E+6144"),
        decimal.Decimal("0." + "0" * 5 + "1" * 4_300),
        decimal.Decimal("-NaN" + "1" * 4_300),
        fractions.Fraction((1 << MAX_FRACTION_BITS) - 1, (1 << MAX_FRACTION_BITS) - 3),
        np.zeros((1,) * 32),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_largest_that_leaves_also_arrives(value: Any) -> None:
    assert canonical(round_trip(value)) == canonical(value)


@pytest.mark.parametrize(
    ("value", "limit", "message"),
    [
        (b"x" * 101, 100, "the value is larger than 100 bytes"),
        (np.zeros(101, "u1"), 100, "an array of 101 bytes; the limit is 100"),
        (list(range(100)), 400, "the value has too many items for a limit of 400 bytes"),
        ([[]] * 9, 900, "the value is larger than the limit of 900 bytes"),
        ("," * 30, 1_024, "the value is larger than the limit of 1024 bytes"),
        (1, 0, "the value is larger than the limit of 0 bytes"),
        (None, 3, "the value is larger than the limit of 3 bytes"),
    ],
)
def test_what_is_too_large_to_leave(value: Any, limit: int, message: str) -> None:
    with pytest.raises(ValueTooLarge) as caught:
        codec.encode(value, limit=limit)
    assert str(caught.value) == message


@steady
@given(st.text(st.sampled_from('[{,"\\a\x01é\U0001f600'), max_size=256), st.integers(1, 40_000))
def test_short_text_never_arrives_dearer_than_it_left(text: str, limit: int) -> None:
    try:
        packed = codec.encode(text, limit=limit)
    except ValueTooLarge:
        return
    blob = b"".join(packed.blob)
    assert codec.decode(packed.body, blob, limit=limit) == text


def test_a_value_is_charged_for_brackets_and_commas() -> None:
    assert charge(b'[[1,2],{"set":[]}]', 7) == 18 + 7 + 4 * 72 + 2 * 40
    assert charge(memoryview(b"[1]"), 0) == 3 + 72


# --- the plain data of values --------------------------------------------------------------


def test_records_are_read_by_attribute_and_may_be_keys() -> None:
    record = Record("Point", {"x": 1})
    assert record.x == 1
    with pytest.raises(AttributeError, match="^Point has no field 'y'$"):
        _ = record.y
    assert hash(record) == hash(Record("Point", {"x": 1}))
    assert hash(Record("r", {"a": [1], "b": 2})) == hash(Record("r", {"b": 2, "a": [1]}))
    assert {record: 1}[Record("Point", {"x": 1})] == 1


def test_opaque_shows_what_it_stands_for() -> None:
    assert repr(Opaque("lock", "<unlocked>")) == "Opaque(lock: <unlocked>)"


def test_a_uuid_is_a_uuid() -> None:
    value = uuid.UUID(int=5)
    assert codec.encode(value, limit=FAR).body == b'{"uuid":"00000000000000000000000000000005"}'
    assert round_trip(value) == value
