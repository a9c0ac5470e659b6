"""Values made to cost the host: none may cost more than looking at them."""

import dataclasses
import typing
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import annotated_types

from tests.unit.runtime.checking import refusal


def test_a_long_int_is_described_without_its_digits() -> None:
    assert refusal(str, 10**100_000) == "value: expected str, got int of 332193 bits"
    assert refusal(str, -(10**100_000)) == "value: expected str, got int of 332193 bits"


def test_a_huge_exponent_is_refused_by_type() -> None:
    assert refusal(float, Decimal("1e4000000")).endswith("got Decimal 1E+4000000")
    assert refusal(int, Fraction(10**50_000, 3)) == "value: expected int, got Fraction"


def test_of_a_million_bad_items_one_is_looked_at() -> None:
    built = []

    @dataclasses.dataclass
    class Probe:
        number: int

        def __post_init__(self) -> None:
            built.append(self.number)
            raise ValueError

    values = [{"number": number} for number in range(1_000_000)]
    assert refusal(list[Probe], values) == (
        "value[0]: expected what Probe accepts, got dict of 1 item"
    )
    assert built == [0]


def test_a_long_list_that_is_too_long_is_not_walked() -> None:
    annotation = Annotated[list[int], annotated_types.MaxLen(3)]
    assert refusal(annotation, [None] * 1_000_000) == (
        "value: expected list[int] (length <= 3), got list of 1000000 items"
    )


def test_text_is_escaped_and_cut() -> None:
    assert refusal(int, "\x1b[31m\u202e\n") == (r"value: expected int, got str '\x1b[31m\u202e\n'")
    message = refusal(int, "x" * 10_000_000)
    assert message == f"value: expected int, got str '{'x' * 28}…{'x' * 28}' (10000000 characters)"


def test_a_long_key_is_cut() -> None:
    message = refusal(dict[str, int], {"k" * 10_000_000: None})
    assert message == f"value['{'k' * 18}…{'k' * 18}']: expected int, got None"


def test_deep_nesting_names_a_bounded_path() -> None:
    Nested = typing.TypedDict("Nested", {"down" * 20: "Nested"}, total=False)  # type: ignore[misc]
    Nested.__annotations__["down" * 20] = Nested
    value: object = 5
    for _ in range(64):
        value = {"down" * 20: value}
    message = refusal(Nested, value)
    assert message.endswith("got int 5")
    assert len(message) < 800


def test_what_contains_itself_ends() -> None:
    @dataclasses.dataclass
    class Node:
        next: "Node | None" = None

    loop: dict[str, object] = {}
    loop["next"] = loop
    assert refusal(Node, loop) == "value: expected Node, got a value nested too deeply"


def test_repr_of_an_unknown_object_is_not_called() -> None:
    class Rude:
        def __repr__(self) -> str:
            raise AssertionError

    Rude.__module__ = "__main__"
    Rude.__qualname__ = "Rude"
    assert refusal(int, Rude()) == "value: expected int, got an object of type 'Rude'"
