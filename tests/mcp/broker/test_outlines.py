"""How many values a message has, counted as its bytes come."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.mcp.broker.flood import Flood
from ringfence.mcp.broker.outlines import MOST_VALUES, Ends, Outline

leaves = st.one_of(st.none(), st.integers(), st.text(alphabet='a,[{"\\\n', max_size=8))
values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(alphabet='a,[{"\\', max_size=4), inner, max_size=4),
    ),
    max_leaves=20,
)


def counted(value: Any) -> int:
    """Commas and opening brackets outside of texts."""
    if isinstance(value, dict):
        return 1 + max(0, len(value) - 1) + sum(map(counted, value.values()))
    if isinstance(value, list):
        return 1 + max(0, len(value) - 1) + sum(map(counted, value))
    return 0


@given(values, st.integers(1, 7))
def test_it_counts_what_is_outside_of_texts_however_it_comes(value: Any, size: int) -> None:
    outline = Outline("never")
    text = json.dumps(value).encode()
    for at in range(0, len(text), size):
        outline.feed(text[at : at + size])
    assert outline._values == counted(value)


@pytest.mark.parametrize(
    ("ends", "chunks"),
    [
        ("line", [b"[" + b"0," * 200_000 + b"0]\n"] * 3),
        ("blank line", [b"data: [" + b"0," * 200_000 + b"0]\r\n", b"\r", b"\n"] * 3),
        ("blank line", [b"data: [" + b"0," * 200_000 + b"0]\n\n"] * 3),
    ],
)
def test_each_message_is_counted_by_itself(ends: Ends, chunks: list[bytes]) -> None:
    outline = Outline(ends)
    for chunk in chunks:
        outline.feed(chunk)
    assert outline._values == 0


@pytest.mark.parametrize(
    ("ends", "between"),
    [("never", b"\n\n"), ("blank line", b"\ndata: "), ("line", b" "), ("blank line", b"\n \n")],
)
def test_what_does_not_end_a_message_does_not_begin_a_count(ends: Ends, between: bytes) -> None:
    outline = Outline(ends)
    with pytest.raises(Flood):
        for _ in range(MOST_VALUES // 1_000 + 1):
            outline.feed(b"[]," * 1_000 + between)
