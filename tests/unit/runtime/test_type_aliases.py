"""Aliases of types: plain, with parameters, recursive."""

import sys
import typing
from typing import Annotated, Any, TypeVar

import pytest
import typing_extensions
from pydantic import BaseModel, Field

from ringfence.errors import ConfigurationError
from ringfence.runtime.annotations import validator_for
from tests.unit.runtime.checking import check, refusal

T = TypeVar("T")
K = TypeVar("K")
needs_type_statement = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="the `type` statement is of Python 3.12"
)

Number = typing_extensions.TypeAliasType("Number", int | float)
Swapped: Any = typing_extensions.TypeAliasType(
    "Swapped",
    dict[T, K],
    type_params=(K, T),  # type: ignore[arg-type]
)

STATEMENTS = """
type Json = None | bool | int | float | str | list[Json] | dict[str, Json]
type Positive = Annotated[int, Field(gt=0)] | None
type Deep[T] = T | list[Deep[T]]
type Direct = Direct
type Union = Union | int
type Growing[T] = list[Growing[list[T]]]
type Twice = list[Twice] | list[int]

type Operand = Expression | int

class Expression(BaseModel):
    args: list[Operand]
"""


@pytest.fixture(scope="module")
def aliases() -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": __name__}
    namespace.update(Annotated=Annotated, Field=Field, BaseModel=BaseModel)
    exec(STATEMENTS, namespace)
    return namespace


def test_an_alias_is_what_it_stands_for() -> None:
    assert check(list[Number], [1, 2.5]) == [1, 2.5]
    assert refusal(list[Number], ["a"]) == "value[0]: expected int | float, got str 'a'"
    assert check(Annotated[Number, Field(ge=0)], 5) == 5


def test_parameters_go_where_they_are_named() -> None:
    assert check(Swapped[int, str], {"a": 1}) == {"a": 1}
    assert refusal(Swapped[int, str], {1: 1}) == "value{key}: expected str, got int 1"


@needs_type_statement
def test_recursive_aliases(aliases: dict[str, Any]) -> None:
    value = {"a": [1, 2.5, None, {"b": [True, "x"]}]}
    assert check(aliases["Json"], value) == value
    assert refusal(aliases["Json"], {"a": [{"b": (1,)}]}) == (
        "value['a'][0]['b']: expected None | bool | int | float | str | list[Json] | "
        "dict[str, Json], got tuple of 1 item"
    )
    assert check(aliases["Deep"][int], [1, [2, [3]]]) == [1, [2, [3]]]
    assert refusal(aliases["Deep"][int], [1, [2, ["3"]]]) == (
        "value[1][1][0]: expected int | list[Deep[int]], got str '3'"
    )
    assert refusal(aliases["Positive"], 0) == "value: expected int (> 0), got int 0"


@needs_type_statement
def test_an_alias_and_a_class_of_each_other(aliases: dict[str, Any]) -> None:
    found = check(aliases["Operand"], {"args": [1, {"args": [2]}]})
    expression = aliases["Expression"]
    assert found == expression(args=[1, expression(args=[2])])
    assert refusal(expression, {"args": [{"args": ["2"]}]}) == (
        "value.args[0].args[0]: expected Expression | int, got str '2'"
    )


@needs_type_statement
def test_a_long_json_value_in_a_recursive_alias(aliases: dict[str, Any]) -> None:
    value: object = "leaf"
    for _ in range(64):
        value = [value]
    assert check(aliases["Json"], value) == value


@needs_type_statement
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Direct", "Direct: refers to itself with nothing in between"),
        ("Union", "Union refers to itself with nothing in between"),
        ("Deep", "Deep: a type alias without what its parameters stand for"),
        (
            "Twice",
            (
                "list[Twice] and list[int] look alike in list[Twice] | list[int], which contains "
                "itself, so a deeply nested value would be tried over and over; give them required "
                "fields of different names, or a Literal field that tells them apart"
            ),
        ),
    ],
)  # fmt: skip
def test_refused(aliases: dict[str, Any], name: str, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        validator_for(aliases[name], where="returns")
    assert str(caught.value) == f"returns: {reason}"


@needs_type_statement
def test_an_alias_that_grows_without_end(aliases: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"^returns: Growing\[int\]: .* without end$"):
        validator_for(aliases["Growing"][int], where="returns")


def test_a_text_in_an_alias_is_not_looked_up() -> None:
    late = typing_extensions.TypeAliasType("late", "list[late]")  # type: ignore[misc]
    with pytest.raises(ConfigurationError, match=r"the name cannot be resolved$"):
        validator_for(late, where="returns")
    assert typing.get_origin(late) is None
