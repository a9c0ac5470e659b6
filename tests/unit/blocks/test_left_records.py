"""What calls of an evaluator have left: hostile bytes, taken apart."""

from __future__ import annotations

import random
import struct
from typing import Any

import numpy as np
import pytest

from ringfence.blocks.left_records import LeftRecords, read_records

POINT, TEXT, CODES, HEAD = 1.0, 6.0, 254.0, 255.0


def read(*calls: list[tuple[float, ...]]) -> LeftRecords:
    rows = [row for call in calls for row in call]
    data = b"".join(struct.pack("<7d", *row) for row in rows)
    counts = np.array([len(call) for call in calls], np.int64)
    return read_records(data, counts, np.ones(len(calls), bool))


def point(x: float, color: int = 0) -> tuple[float, ...]:
    return (x, 0.0, 0.0, 0.0, 0.0, 0.0, POINT + 256.0 * color)


def text(place: float) -> tuple[float, ...]:
    return (0.0, 0.0, 1.0, 0.0, place, 0.0, TEXT)


def head(length: float) -> tuple[float, ...]:
    return (length, 0.0, 0.0, 0.0, 0.0, 0.0, HEAD)


def codes(*numbers: float) -> tuple[float, ...]:
    return (*numbers, *[0.0] * (6 - len(numbers)), CODES)


def test_geometry_and_texts() -> None:
    found = read(
        [point(1.0, 0xFFFFFFFF), text(0.0), text(1.0), head(2), codes(97, 233), head(0)],
        [],
        [text(0.0), point(3.0), head(7), codes(*[98] * 6), codes(0x1F600)],
    )
    assert found.counts.tolist() == [3, 0, 2]
    assert found.texts == ("aé", "", "bbbbbb\U0001f600")
    assert found.records["kind"].tolist() == [1, 6, 6, 6, 1]
    assert found.records["data"][:, 4].tolist() == [0.0, 0.0, 1.0, 2.0, 0.0]
    assert found.records["color"].tolist() == [0xFFFFFFFF, 0, 0, 0, 0]
    assert found.unsound.tolist() == []


@pytest.mark.parametrize(
    "lie",
    [
        [(0.0,) * 7],
        [(0.0,) * 6 + (-1.0,)],
        [(0.0,) * 6 + (1.5,)],
        [(0.0,) * 6 + (2.0**40,)],
        [(0.0,) * 6 + (float("nan"),)],
        [(0.0,) * 6 + (15.0,)],
        [point(float("inf"))],
        [text(0.0)],
        [text(1.0), head(1), codes(97)],
        [text(-1.0), head(1), codes(97)],
        [text(0.5), head(1), codes(97)],
        [codes(97)],
        [head(7), codes(97)],
        [head(1001)],
        [head(-1)],
        [head(float("nan"))],
        [head(1.5), codes(97, 98)],
        [head(1), codes(0xD800)],
        [head(1), codes(0x110000)],
        [head(1), codes(float("nan"))],
        [head(1), codes(0.5)],
        [head(0), point(1.0)],
    ],
)
def test_what_is_none_is_its_own_call_s(lie: list[tuple[float, ...]]) -> None:
    found = read([point(1.0)], lie, [point(2.0), text(0.0), head(1), codes(98)])
    assert found.unsound.tolist() == [1]
    assert found.counts[[0, 2]].tolist() == [1, 2]
    assert found.texts[-1] == "b"
    last = found.records[-2:]
    assert last["data"][0, 0] == 2.0
    assert found.texts[int(last["data"][1, 4])] == "b"


def test_any_bytes_are_taken_apart() -> None:
    chance = random.Random(7)
    kinds = [1.0, 2.0, 6.0, 7.0, 14.0, 254.0, 255.0, 256.0, 3e300]
    numbers = [0.0, 1.0, 2.0, 7.0, 1e9, -1.0, 0.5, float("nan"), float("inf")]
    for _ in range(500):
        calls: list[Any] = [
            [
                (*(chance.choice(numbers) for _ in range(6)), chance.choice(kinds))
                for _ in range(chance.randrange(6))
            ]
            for _ in range(4)
        ]
        found = read(*calls)
        assert len(found.records) == found.counts.sum()
        ends = np.cumsum(found.counts)
        for call in set(range(4)) - set(found.unsound.tolist()):
            own = found.records[ends[call] - found.counts[call] : ends[call]]
            assert np.isfinite(own["data"]).all()
            assert ((own["kind"] >= 1) & (own["kind"] <= 14)).all()
            for place in own["data"][own["kind"] == 6, 4].tolist():
                assert 0 <= place < len(found.texts)
