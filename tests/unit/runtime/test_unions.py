"""Unions: which member is meant, without guessing twice."""

import dataclasses
from typing import Annotated, Literal, TypedDict

import pytest
from pydantic import BaseModel, Field

from ringfence.errors import ConfigurationError
from ringfence.runtime.annotations import validator_for
from ringfence_guest.protocol.values import Record
from tests.unit.runtime.checking import check, refusal


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog", "hound"] = "dog"
    lives: int


@dataclasses.dataclass
class Circle:
    radius: float


@dataclasses.dataclass
class Square:
    side: float


def test_a_literal_field_tells_models_apart() -> None:
    assert check(Cat | Dog, {"kind": "hound", "lives": 1}) == Dog(kind="hound", lives=1)
    assert check(Cat | Dog | None, None) is None
    assert refusal(Cat | Dog, {"kind": "cow", "lives": 1}) == (
        "value.kind: expected one of 'cat', 'dog', 'hound' (for Cat | Dog), got str 'cow'"
    )
    assert refusal(Cat | Dog, {"lives": 1}) == (
        "value.kind: expected one of 'cat', 'dog', 'hound' (for Cat | Dog), got nothing"
    )
    assert refusal(Cat | Dog, {"kind": ["cat"]}) == (
        "value.kind: expected one of 'cat', 'dog', 'hound' (for Cat | Dog), got list of 1 item"
    )
    assert refusal(Cat | Dog, Record("Cat", {"kind": "cat", "lives": "9"})) == (
        "value.lives: expected int, got str '9'"
    )


def test_pydantics_own_discriminator_is_understood() -> None:
    annotation = Annotated[Cat | Dog, Field(discriminator="kind")]
    assert check(annotation, {"kind": "cat", "lives": 9}) == Cat(lives=9)

    class Owner(BaseModel):
        pet: Cat | Dog = Field(discriminator="kind")

    assert check(Owner, {"pet": {"kind": "dog", "lives": 1}}) == Owner(pet=Dog(lives=1))


def test_the_names_of_fields_tell_dataclasses_apart() -> None:
    assert check(Circle | Square, {"side": 1}) == Square(1.0)
    assert check(Circle | Square | int, 5) == 5
    assert refusal(Circle | Square, {"side": "1"}) == "value.side: expected float, got str '1'"
    assert refusal(Circle | Square, {"edge": 1}) == (
        "value: expected Circle | Square, got dict of 1 item"
    )


def test_the_type_name_of_a_record_does_not() -> None:
    assert check(Circle | Square, Record("Circle", {"side": 1})) == Square(1.0)


def test_a_mapping_beside_a_class() -> None:
    assert check(Point | dict[str, str], {"a": "b"}) == {"a": "b"}
    assert check(Point | dict[str, str], {"x": 1}) == Point(1.0)


def test_recursive_members_that_look_alike_are_refused() -> None:
    @dataclasses.dataclass
    class Add:
        arg: "Add | Neg | int"

    @dataclasses.dataclass
    class Neg:
        arg: "Add | Neg | int"

    globals().update(Add=Add, Neg=Neg)
    with pytest.raises(ConfigurationError) as caught:
        validator_for(Add | Neg, where="returns")
    assert str(caught.value) == (
        "returns: Add and Neg look alike in Add | Neg | int, which contains itself, so a "
        "deeply nested value would be tried over and over; give them required fields of "
        "different names, or a Literal field that tells them apart"
    )


def test_recursive_members_that_are_told_apart_cost_their_size() -> None:
    @dataclasses.dataclass
    class Plus:
        op: Literal["+"]
        arg: "Plus | Minus | int"

    @dataclasses.dataclass
    class Minus:
        op: Literal["-"]
        arg: "Plus | Minus | int"

    globals().update(Plus=Plus, Minus=Minus)
    value: object = "not an int"
    for _ in range(64):
        value = {"op": "-", "arg": value}
    message = refusal(Plus | Minus, value)  # tried over and over it would never end
    assert message.endswith(".arg: expected Plus | Minus | int, got str 'not an int'")


def test_recursive_lists_that_look_alike_are_refused() -> None:
    class Branch(TypedDict):
        items: "list[Branch] | list[int]"  # type: ignore[misc]

    globals().update(Branch=Branch)
    with pytest.raises(ConfigurationError, match="look alike in list"):
        validator_for(Branch, where="returns")
