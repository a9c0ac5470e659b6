"""The check of what a guest wrote."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.blocks.collecting import collect, counter_of, read_told
from ringfence.blocks.geometry import record_dtype, unsound_records
from ringfence_guest.protocol.geometry import FIELDS, RECORD_SIZE, Kind, Layout, Verdict

P, L, C, T, PL, PG, V = 1, 2, 4, 6, 7, 8, 14


def records(*rows: tuple[float, ...]) -> Any:
    """(kind, doubles…) of each."""
    found = np.zeros(len(rows), record_dtype())
    for place, (kind, *data) in enumerate(rows):
        found[place]["kind"] = kind
        found[place]["data"][: len(data)] = data
    return found


@pytest.mark.parametrize(
    ("rows", "ends", "texts", "unsound"),
    [
        ([], [0], 0, set()),
        ([(P, 1, 2, 3), (L, 1, 2, 3, 4)], [2], 0, set()),
        ([(P, math.nan), (P, 0, math.inf), (P, 1)], [3], 0, {0, 1}),
        ([(P, 1.7e308), (P, 1.7e308)], [2], 0, set()),
        ([(0,), (15,), (2**32 - 1,)], [3], 0, {0, 1, 2}),
        ([(C, 0, 0, 0), (C, 0, 0, -1), (C, 0, 0, 1)], [3], 0, {0, 1}),
        ([(T, 0, 0, 1, 0, 0), (T, 0, 0, 1, 0, 1), (T, 0, 0, 1, 0, 2)], [3], 2, {2}),
        ([(T, 0, 0, 1, 0, 0.5), (T, 0, 0, 1, 0, -1)], [2], 2, {0, 1}),
        ([(PL, 2), (V,), (V,)], [3], 0, set()),
        ([(PL, 1), (V,)], [2], 0, {0, 1}),
        ([(PG, 2), (V,), (V,)], [3], 0, {0, 1, 2}),
        ([(PL, 3), (V,), (V,)], [3], 0, {0, 1, 2}),
        ([(PL, 2), (V,), (P,)], [3], 0, {0, 1}),
        ([(PL, 2), (V,), (V,), (V,)], [4], 0, {3}),
        ([(V,)], [1], 0, {0}),
        ([(PL, 2), (V,), (V,)], [2, 3], 0, {0, 1, 2}),  # not across the end of an instance
        ([(PL, 2), (V,), (V,), (PL, 2), (V,), (V,)], [3, 6], 0, set()),
        ([(PL, 2.5), (V,), (V,)], [3], 0, {0, 1, 2}),
        ([(PL, 1e300), (V,), (V,)], [3], 0, {0, 1, 2}),
        ([(PL, -1), (V,)], [2], 0, {0, 1}),
        ([(PL, 5), (PL, 2), (V,), (V,), (V,), (V,)], [6], 0, {0, 4, 5}),
    ],
)
def test_what_is_not_sound(rows: Any, ends: list[int], texts: int, unsound: set[int]) -> None:
    found = unsound_records(records(*rows), np.array(ends), texts)
    assert set(found.tolist()) == unsound


def test_the_record() -> None:
    assert record_dtype().itemsize == RECORD_SIZE
    assert FIELDS.keys() == set(Kind)
    assert max(map(len, FIELDS.values())) == 6


@pytest.mark.parametrize(("count", "room"), [(0, 0), (1, 1), (64, 10), (65, 1), (8192, 299_593)])
def test_nothing_overlaps(count: int, room: int) -> None:
    layout = Layout(count, room)
    assert layout.verdicts + count <= layout.lines
    assert layout.lines + 4 * count <= layout.ends
    assert layout.ends + 8 * count <= layout.records
    assert layout.size == layout.records + RECORD_SIZE * room
    assert (layout.lines % 8, layout.ends % 8, layout.records % 8) == (0, 0, 0)


@given(st.binary(max_size=2_000), st.integers(0, 9), st.integers(0, 20), st.booleans())
def test_any_bytes(data: bytes, count: int, room: int, told: bool) -> None:
    """Whatever a guest wrote, verdicts and ends are those that there are."""
    layout = Layout(count, room)
    view = memoryview(data.ljust(8, b"\0"))
    at = counter_of(view, count)
    said = read_told([max(1, at), [], []], count) if told and count else None
    chunk, places = collect(view, layout, said, at)
    assert len(chunk.verdicts) == len(chunk.lines) == len(chunk.ends) <= count
    assert set(chunk.verdicts.tolist()) <= set(range(Verdict.OK, Verdict.WALL))
    assert (np.diff(chunk.ends) >= 0).all()
    assert len(chunk.records) == (chunk.ends[-1] if len(chunk.ends) else 0) <= room
    assert all(0 <= place < len(chunk.verdicts) for place in places)


@pytest.mark.parametrize(
    "value",
    [None, 1, [], [1], [1, [], [], []], [0, [], []], [4, [], []], [True, [], []], [1, {}, []],
     [1, [], [1]], [1, [], ["a" * 1_001]], ["1", [], []]],
)  # fmt: skip
def test_a_value_that_is_none(value: Any) -> None:
    assert read_told(value, 3) is None


def test_a_value() -> None:
    errors = [
        [0, "a", "b"],
        [5, "a", "b"],
        [-1, "a", "b"],
        [0, "a"],
        "x",
        [0, 1, 2],
        [True, "a", "b"],
    ]
    told = read_told([2, errors, ["t"]], 3)
    assert told is not None
    assert (told.done, told.failures, told.texts) == (2, {0: ("a", "b")}, ("t",))
