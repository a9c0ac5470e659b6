"""A line for each variable, whatever it is."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ringfence_guest.summaries import LONGEST, name_of_type, printable, size_of, summarize


def never(_: BaseException) -> bool:
    return False


class _Deep(list[Any]):
    pass


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (2**512 - 1, repr(2**512 - 1)[: LONGEST - 1] + "…"),
        (2**512, "<int of 513 bits>"),
        ("a\n", "'a\\n'"),
        ("x" * 61, f"'{'x' * 60}'… (61)"),
        (bytearray(b"ab"), "bytearray(b'ab')"),
        ([], "[]"),
        ([1, [2, [3, [4]]]], "[1, [2, […]]]"),
        (list(range(6)), "[0, 1, 2, 3, 4, … (6)]"),
        ((), "()"),
        ((1,), "(1,)"),
        (((((1,),),),), "(((…),),)"),
        ((1, 2), "(1, 2)"),
        (set(), "set()"),
        ({1}, "{1}"),
        (frozenset(), "frozenset()"),
        (frozenset({1}), "frozenset({1})"),
        ({}, "{}"),
        ({"a": {"b": {"c": 1}}}, "{'a': {'b': {…}}}"),
        ({n: n for n in range(6)}, "{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, … (6)}"),
        (sys, "<module 'sys'>"),
        (never, "never(_)"),
        (_Deep([1]), "[1]"),
        (1.5, "1.5"),
    ],
)
def test_summaries(value: Any, text: str) -> None:
    assert summarize(value, never) == text


def test_a_million_items_are_not_looked_at() -> None:
    class Item:
        shown = 0

        def __repr__(self) -> str:
            Item.shown += 1
            return "item"

    assert summarize([Item()] * 1_000_000, never) == f"[{'item, ' * 5}… (1000000)]"
    assert Item.shown == 5


def test_what_a_repr_raises() -> None:
    class Stops:
        def __repr__(self) -> str:
            raise KeyboardInterrupt

    assert summarize(Stops(), never) == "<Stops whose repr raised KeyboardInterrupt>"
    with pytest.raises(KeyboardInterrupt):
        summarize(Stops(), lambda error: True)


def test_printable() -> None:
    assert printable("a\ud800", 10) == "a\\ud800"
    assert printable("abc", 3) == "abc"
    assert printable("abcd", 3) == "ab…"
    assert len(printable("\ud800" * 10, 10)) == 10


def test_names_and_sizes_are_the_type_s_own() -> None:
    class Meta(type):
        def __getattribute__(cls, name: str) -> Any:
            raise ZeroDivisionError

    class Lies(metaclass=Meta):
        pass

    class Sized:
        def __sizeof__(self) -> int:
            raise AssertionError("it is not asked")

    assert name_of_type(Lies()) == "Lies"
    assert size_of(Lies()) is None
    assert size_of(Sized()) is None
    assert size_of([1]) == sys.getsizeof([1])


def test_arrays() -> None:
    np = pytest.importorskip("numpy")
    assert size_of(np.zeros((2, 3))) == 48
    assert summarize(np.zeros((2, 3)), never) == "array of float64, 2x3"
    assert "1.5" in summarize(np.float32(1.5), never)
