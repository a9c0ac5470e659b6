"""Values as text for people: like repr, but bounded in length and in time."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ringfence.cli.values import LONGEST, describe_value
from ringfence_guest.protocol.values import Opaque, Record

PLAIN: list[Any] = [
    None,
    True,
    -1,
    1.5,
    float("inf"),
    1 + 2j,
    "it's",
    b"\x00\xff",
    [],
    [1, [2, "x"]],
    (),
    (1,),
    (1, 2),
    set(),
    {1},
    frozenset(),
    frozenset({1}),
    {},
    {"a": 1, 2: [None]},
    datetime.datetime(2025, 1, 2, 3, 4, tzinfo=datetime.UTC),
    datetime.timedelta(1),
    Decimal("1.50"),
    Fraction(1, 3),
    uuid.UUID(int=5),
    np.arange(3),
    np.float64(0.5),
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_values_read_like_their_repr(value: Any) -> None:
    assert describe_value(value) == repr(value)


def test_what_stands_for_other_types() -> None:
    assert describe_value(Record("Point", {"x": 1, "y": "a"})) == "Point(x=1, y='a')"
    assert describe_value([Opaque("Socket", "<socket>")]) == "[Opaque(Socket: <socket>)]"


def test_integers_that_repr_refuses() -> None:
    huge = 1 << 200_000
    with pytest.raises(ValueError, match="Exceeds the limit"):
        repr(huge)
    assert describe_value([huge], 30) == "[0x1000000000000000000000000000"[:30] + "…"
    assert describe_value(huge) == hex(huge)
    assert describe_value(Fraction(huge, 3), 15) == "Fraction(0x1000…"


def test_long_values_are_shortened_and_say_so() -> None:
    assert describe_value("x" * 100, 10) == "'xxxxxxxxx…"
    assert describe_value(["x" * 5] * 100, 20) == "['xxxxx', 'xxxxx', '…"
    assert describe_value(list(range(10_000_000)), 20) == "[0, 1, 2, 3, 4, 5, 6…"
    assert len(describe_value(b"\0" * 10_000_000)) == LONGEST + 1
    assert describe_value("x" * (LONGEST - 2)) == repr("x" * (LONGEST - 2))


def test_nothing_that_a_terminal_obeys_gets_through() -> None:
    hostile = Record("\x1b[31mPoint", {"\u202e": np.array(["\x1b]0;x\x07"])})
    text = describe_value([hostile, Opaque("\x9b2J", "\x1b[2J\n"), "\x1b"])
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
