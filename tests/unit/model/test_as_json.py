"""Results as JSON: exact, unambiguous, ASCII."""

from __future__ import annotations

import base64
import datetime
import json
import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence.model import Display, GuestErrorInfo, Result, Usage
from ringfence.model.as_json import dump, result_as_json, value_as_json
from ringfence_guest.protocol.values import Opaque, Record

EXACT = 2**53 - 1

CASES: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (EXACT, EXACT),
    (-EXACT, -EXACT),
    (EXACT + 1, {"$type": "int", "hex": "0x20000000000000"}),
    (-EXACT - 1, {"$type": "int", "hex": "-0x20000000000000"}),
    (1.5, 1.5),
    (float("inf"), {"$type": "float", "value": "inf"}),
    ("text", "text"),
    (b"\x00\xff", {"$type": "bytes", "base64": "AP8="}),
    ([1, [2]], [1, [2]]),
    ((1, "a"), {"$type": "tuple", "items": [1, "a"]}),
    ({1}, {"$type": "set", "items": [1]}),
    (frozenset(), {"$type": "frozenset", "items": []}),
    ({"a": (1,)}, {"a": {"$type": "tuple", "items": [1]}}),
    ({1: "a"}, {"$type": "dict", "items": [[1, "a"]]}),
    ({"$type": "int"}, {"$type": "dict", "items": [["$type", "int"]]}),
    (1 + 2j, {"$type": "complex", "real": 1.0, "imag": 2.0}),
    (datetime.date(2025, 1, 2), {"$type": "date", "value": "2025-01-02"}),
    (datetime.time(3, 4), {"$type": "time", "value": "03:04:00"}),
    (
        datetime.datetime(2025, 1, 2, tzinfo=datetime.UTC),
        {"$type": "datetime", "value": "2025-01-02T00:00:00+00:00"},
    ),
    (
        datetime.timedelta(1, 2, 3),
        {"$type": "timedelta", "days": 1, "seconds": 2, "microseconds": 3},
    ),
    (Decimal("1.50"), {"$type": "decimal", "value": "1.50"}),
    (Fraction(1, 3), {"$type": "fraction", "numerator": 1, "denominator": 3}),
    (uuid.UUID(int=1), {"$type": "uuid", "value": "00000000-0000-0000-0000-000000000001"}),
    (Record("P", {"x": 1}), {"$type": "record", "type_name": "P", "fields": {"x": 1}}),
    (Opaque("S", "<s>"), {"$type": "opaque", "type_name": "S", "text": "<s>"}),
    (
        np.array([[1, 2]], "<i2"),
        {"$type": "ndarray", "dtype": "<i2", "shape": [1, 2], "base64": "AQACAA=="},
    ),
    (
        np.array(1.0, "<f8"),
        {"$type": "ndarray", "dtype": "<f8", "shape": [], "base64": "AAAAAAAA8D8="},
    ),
    (np.float64(1), {"$type": "scalar", "dtype": "<f8", "base64": "AAAAAAAA8D8="}),
    ("\ud800", {"$type": "str", "base64": "7aCA"}),
    ({"\ud800": 1}, {"$type": "dict", "items": [[{"$type": "str", "base64": "7aCA"}, 1]]}),
    (
        datetime.datetime(2025, 1, 2, fold=1),
        {"$type": "datetime", "value": "2025-01-02T00:00:00", "fold": 1},
    ),
    (
        Record("P", {"$x": 1}),
        {
            "$type": "record",
            "type_name": "P",
            "fields": {"$type": "dict", "items": [["$x", 1]]},
        },
    ),
]


@pytest.mark.parametrize(("value", "expected"), CASES, ids=lambda case: repr(case)[:40])
def test_every_kind_of_value(value: Any, expected: Any) -> None:
    assert value_as_json(value) == expected
    assert json.loads(dump(value_as_json(value))) == expected


def test_an_integer_that_json_would_refuse() -> None:
    assert value_as_json(1 << 200_000) == {"$type": "int", "hex": hex(1 << 200_000)}


def test_values_that_look_alike_do_not_come_out_alike() -> None:
    seen = [dump(value_as_json(value)) for value, _ in CASES]
    assert len(set(seen)) == len(seen)


def test_a_whole_result_under_its_own_names() -> None:
    result = Result(
        status="limit",
        limit="wall",
        value=b"x",
        stdout="out\x1b[2J\u202e",
        stderr="",
        displays=(Display({"text/plain": "plot", "image/png": b"\x89PNG"}),),
        error=GuestErrorInfo("LimitExceeded", "reached", ""),
        usage=Usage(wall=1.5),
        enforced={"wall": "host clock"},
        engine="native",
        walls=frozenset({"seccomp", "landlock"}),
        alive=False,
        abandoned=("slow",),
    )
    text = dump(result_as_json(result))
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text) == {
        "status": "limit",
        "limit": "wall",
        "value": {"$type": "bytes", "base64": "eA=="},
        "stdout": "out\x1b[2J\u202e",
        "stderr": "",
        "displays": [
            {
                "text/plain": "plot",
                "image/png": {
                    "$type": "bytes",
                    "base64": base64.b64encode(b"\x89PNG").decode(),
                },
            }
        ],
        "error": {"type": "LimitExceeded", "message": "reached", "traceback": ""},
        "usage": Usage(wall=1.5).as_dict(),
        "enforced": {"wall": "host clock"},
        "engine": "native",
        "walls": ["landlock", "seccomp"],
        "alive": False,
        "abandoned": ["slow"],
    }


def test_it_has_every_attribute_of_a_result() -> None:
    told = result_as_json(ringfence.Result(status="ok"))
    assert list(told) == list(ringfence.Result.__dataclass_fields__)
