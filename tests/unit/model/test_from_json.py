"""The way back from JSON: exact, and strict about what anybody may send."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model import Display, GuestErrorInfo, Result, Usage
from ringfence.model.as_json import display_as_json, packed, result_as_json, value_as_json
from ringfence.model.from_json import (
    MalformedJSON,
    display_from_json,
    parsed,
    result_from_json,
    value_from_json,
)
from tests.support.values import FAR, arrays, canonical, round_trip, steady, values

MIB = 1 << 20


def back(value: Any) -> Any:
    return value_from_json(parsed(packed(value_as_json(value)), limit=FAR), limit=FAR)


@steady
@given(values)
def test_every_value_that_crossed_comes_back_as_it_was(value: Any) -> None:
    crossed = round_trip(value)
    assert canonical(back(crossed)) == canonical(crossed)


@steady
@given(arrays)
def test_every_array_and_scalar_comes_back_as_it_was(array: np.ndarray[Any, Any]) -> None:
    assert canonical(back(array)) == canonical(array)
    for scalar in array.reshape(-1)[:2]:
        crossed = round_trip(scalar)
        assert canonical(back(crossed)) == canonical(crossed)
        assert type(back(crossed)) is type(crossed)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
        | st.fixed_dictionaries(
            {
                "$type": st.sampled_from(
                    [
                        "int",
                        "float",
                        "str",
                        "bytes",
                        "complex",
                        "tuple",
                        "set",
                        "frozenset",
                        "dict",
                        "datetime",
                        "date",
                        "time",
                        "decimal",
                        "uuid",
                        "timedelta",
                        "fraction",
                        "ndarray",
                        "scalar",
                        "record",
                        "opaque",
                        "type",
                    ]
                )
            },
            optional={
                name: inner | st.sampled_from(["<f8", "0x1", "nan", "AAAAAAAAAAA=", [1], [], {}])
                for name in [
                    "hex",
                    "value",
                    "base64",
                    "real",
                    "imag",
                    "items",
                    "fold",
                    "days",
                    "seconds",
                    "microseconds",
                    "numerator",
                    "denominator",
                    "dtype",
                    "shape",
                    "type_name",
                    "fields",
                    "text",
                ]
            },
        )
    ),
    max_leaves=12,
)


@steady
@given(_json)
def test_whatever_is_sent_is_a_value_that_crosses_or_is_refused(data: Any) -> None:
    try:
        value = value_from_json(data, limit=MIB)
    except MalformedJSON:
        return
    assert canonical(back(value)) == canonical(value)


@steady
@given(st.binary(max_size=200) | _json.map(lambda data: json.dumps(data).encode()))
def test_whatever_text_is_sent_is_json_or_is_refused(text: bytes) -> None:
    try:
        parsed(text, limit=MIB)
    except MalformedJSON:
        return


REFUSED: list[tuple[Any, str]] = [
    ({"$type": "module"}, 'an object whose "$type" is none'),
    ({"$type": ["int"]}, 'an object whose "$type" is none'),
    ({"$other": 1}, 'an object with a name that begins with "$"'),
    ({"$type": "int"}, 'an object of "$type" "int" with the wrong names'),
    ({"$type": "int", "hex": "0x1", "x": 1}, 'an object of "$type" "int" with the wrong names'),
    ({"$type": "int", "hex": 1}, 'an object of "$type" "int" whose hex is no str'),
    ({"$type": "int", "hex": "1"}, "an integer that is none, or too long"),
    ({"$type": "int", "hex": "0x" + "f" * 140_000}, "an integer that is none, or too long"),
    ({"$type": "float", "value": "1.5"}, "a tag with the wrong content"),
    ({"$type": "bytes", "base64": "A"}, "what is no base64"),
    ({"$type": "bytes", "base64": "Ä==="}, "what is no base64"),
    ({"$type": "str", "base64": "/w=="}, "not a value (UnicodeDecodeError)"),
    ({"$type": "decimal", "value": "1E+9999"}, "a Decimal that is too long"),
    ({"$type": "decimal", "value": "1E+4000000"}, "not a Decimal"),
    ({"$type": "fraction", "numerator": 1, "denominator": 0}, "not a value (ZeroDivisionError)"),
    ({"$type": "fraction", "numerator": 1.5, "denominator": 1}, "a tag with the wrong content"),
    ({"$type": "uuid", "value": "0" * 32}, "what is no UUID"),
    ({"$type": "date", "value": "2025-13-01"}, "not a value (ValueError)"),
    ({"$type": "date", "value": "2025-01-01", "fold": 1}, 'an object of "$type" "date" with the wrong names'),
    ({"$type": "datetime", "value": "2025-01-01", "fold": 2}, "not a value (ValueError)"),
    ({"$type": "timedelta", "days": 10**12, "seconds": 0, "microseconds": 0}, "not a value (OverflowError)"),
    ({"$type": "dict", "items": [["a"]]}, "a dict whose items are no pairs"),
    ({"$type": "dict", "items": [[[], 1]]}, "not a value (TypeError)"),
    ({"$type": "set", "items": [{}]}, "not a value (TypeError)"),
    ({"$type": "ndarray", "dtype": "|O", "shape": [1], "base64": "AAAAAAAAAAA="}, "an array of a dtype that may not cross"),
    ({"$type": "ndarray", "dtype": "<f8", "shape": [2], "base64": "AAAAAAAAAAA="}, "an array whose shape and bytes disagree"),
    ({"$type": "ndarray", "dtype": "<f8", "shape": [2**62, 2**62], "base64": ""}, "an array whose shape and bytes disagree"),
    ({"$type": "scalar", "dtype": "<f8", "base64": ""}, "a scalar whose dtype and bytes disagree"),
    ({"$type": "record", "type_name": 1, "fields": {}}, "a name that is no text"),
    ({"$type": "record", "type_name": "P", "fields": {"$type": "tuple", "items": []}}, "a record whose fields are none"),
    ({"$type": "record", "type_name": "P", "fields": {"$type": "dict", "items": [[1, 1]]}}, "a record with a field that is not text"),
    ({"$type": "opaque", "type_name": "x" * 300, "text": ""}, "a tag with the wrong content"),
    (float("inf"), "a number that is out of range"),
    (1 << 600_000, "an integer that is too long"),
    ((1,), "no JSON, but a tuple"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_value_is_refused_with_the_reason(data: Any, reason: str) -> None:
    with pytest.raises(MalformedJSON) as refused:
        value_from_json([data], limit=64 * MIB, where="args")
    assert (refused.value.where, refused.value.reason) == ("args", reason)


def test_depth_count_and_size_are_bounded_before_anything_is_made() -> None:
    deep: Any = 1
    for _ in range(65):
        deep = [deep]
    for data in (
        deep,
        [[0]] * 100_000,
        ["x" * 100] * 10_000,
        {"$type": "bytes", "base64": "A" * 2_000_000},
    ):
        with pytest.raises(MalformedJSON):
            value_from_json(data, limit=MIB)


def test_keys_made_to_collide_are_refused() -> None:
    prime = sys.hash_info.modulus
    items = [[value_as_json(1 + prime * n), 0] for n in range(5_000)]
    with pytest.raises(MalformedJSON) as refused:
        value_from_json({"$type": "dict", "items": items}, limit=64 * MIB)
    assert refused.value.reason == "keys made to collide"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"{", "no JSON (JSONDecodeError)"),
        (b"\xff", "no JSON (UnicodeDecodeError)"),
        (b'{"a": 1, "a": 2}', "an object that has a name twice"),
        (b"[NaN]", "NaN, which JSON does not have"),
        (b"[-Infinity]", "-Infinity, which JSON does not have"),
        (b"[" * 20_000, "no JSON (RecursionError)"),
        (b"[" * 200_000, "JSON of too many parts"),
        (b"9" * 5_000, "a number of more than 4300 digits"),
        (b'"' + b"x" * MIB + b'"', "1048578 bytes of JSON; at most 1048576"),
    ],
)  # fmt: skip
def test_text_that_is_no_json_of_ours_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(MalformedJSON) as refused:
        parsed(text, limit=MIB)
    assert str(refused.value) == reason


def test_digits_in_text_are_no_number() -> None:
    assert parsed(b'["' + b"9" * 10_000 + b'", 12]', limit=MIB) == ["9" * 10_000, 12]


def test_a_megabyte_of_what_a_pattern_could_stumble_over_is_read() -> None:
    """In quadratic time it would take hours, and the test's time-out would end it."""
    for text in (b'"\\"' * 300_000, b'"' * 1_000_000, b"\\" * 1_000_000, b"1" * 1_000_000):
        with pytest.raises(MalformedJSON):
            parsed(text, limit=MIB)


FULL = Result(
    status="limit",
    limit="wall",
    value={1: b"x"},
    stdout="out\ud800",
    stderr="err",
    displays=(Display({"text/plain": "plot", "image/png": b"\x89PNG"}),),
    error=GuestErrorInfo("LimitExceeded", "reached", "trace"),
    usage=Usage(wall=1.5, fuel=3, memory=4096),
    enforced={"wall": "host clock"},
    engine="native",
    walls=frozenset({"seccomp", "landlock"}),
    alive=False,
    abandoned=("slow",),
)


@pytest.mark.parametrize("result", [FULL, Result(status="ok")], ids=["full", "empty"])
def test_a_result_comes_back_as_it_was(result: Result) -> None:
    text = packed({**result_as_json(result), "run_id": "what a reply has beside it"})
    assert result_from_json(parsed(text, limit=MIB), limit=MIB) == result


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"status": "fine"}, "status: none of a result's"),
        ({"status": []}, "status: none of a result's"),
        ({"limit": 1}, "limit: no text of at most 1000 characters"),
        ({"stdout": 1}, "stdout: no text of at most 1048576 characters"),
        ({"value": {"$type": "?"}}, 'value: an object whose "$type" is none'),
        ({"displays": {}}, "displays: no list"),
        ({"displays": [1]}, "displays[0]: no object"),
        ({"displays": [{"text/plain": 1}]}, "displays[0]: what is neither text nor bytes"),
        ({"error": {"type": "E"}}, "error: no type, message and traceback"),
        ({"usage": []}, "usage: no object"),
        ({"usage": {"wall": "1"}}, "usage.wall: no number that it can be"),
        ({"usage": {"wall": float("nan")}}, "usage.wall: no number that it can be"),
        ({"usage": {"calls": 1.5}}, "usage.calls: no number that it can be"),
        ({"usage": {"calls": None}}, "usage.calls: no number that it can be"),
        ({"usage": {"calls": True}}, "usage.calls: no number that it can be"),
        ({"usage": {"memory": -1}}, "usage.memory: no number that it can be"),
        ({"enforced": []}, "enforced: no object"),
        ({"enforced": {"wall": 1}}, "enforced.wall: no text of at most 1000 characters"),
        ({"engine": None}, "engine: no text of at most 1000 characters"),
        ({"walls": "abc"}, "walls: no list"),
        ({"walls": [1]}, "walls: no text of at most 1000 characters"),
        ({"alive": 1}, "alive: neither true nor false"),
        ({"abandoned": None}, "abandoned: no list"),
    ],
)
def test_what_is_no_result_is_refused_by_name(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(MalformedJSON) as refused:
        result_from_json({**result_as_json(FULL), **change}, limit=MIB)
    assert str(refused.value) == complaint


def test_a_result_without_some_of_it_is_none() -> None:
    with pytest.raises(MalformedJSON, match="result: without alive, engine"):
        data = result_as_json(FULL)
        del data["alive"], data["engine"]
        result_from_json(data, limit=MIB)
    with pytest.raises(MalformedJSON, match="result: no object"):
        result_from_json([], limit=MIB)
    with pytest.raises(MalformedJSON, match="display: no object"):
        display_from_json([], limit=MIB)


def test_a_display_comes_back_as_it_was() -> None:
    display = Display({"text/html": "<b>", "image/png": b"\x00"})
    assert display_from_json(display_as_json(display), limit=MIB) == display


@pytest.mark.parametrize(
    "wrap", [lambda v: [v], lambda v: (v,), lambda v: {1: v}, lambda v: {"a": v}]
)
def test_what_is_as_deep_as_may_be_comes_back(wrap: Any) -> None:
    value: Any = 1
    for _ in range(64):
        value = wrap(value)
    assert back(round_trip(value)) == value
