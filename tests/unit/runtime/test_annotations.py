"""Values against annotations: what is accepted, what is refused, and how the refusal reads."""

import datetime
import enum
import math
import subprocess
import sys
import typing
import uuid
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, NewType, Optional, Union

import annotated_types
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import ValidationFailed
from ringfence.runtime.annotations import Validator, validator_for
from ringfence_guest.protocol.values import Opaque, Record
from tests.unit.runtime.checking import check, present, refusal

UTC = datetime.UTC
UserId = NewType("UserId", int)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


ACCEPTED: list[tuple[object, object]] = [
    (None, None),
    (type(None), None),
    (bool, True),
    (int, 5),
    (int, 10**1000),
    (float, 1.5),
    (float, math.inf),
    (complex, 1j),
    (str, "a"),
    (str, "\ud800"),
    (bytes, b"\0"),
    (datetime.date, datetime.date(2024, 2, 29)),
    (datetime.time, datetime.time(1, 2)),
    (datetime.datetime, datetime.datetime(2024, 1, 1, tzinfo=UTC)),
    (datetime.timedelta, datetime.timedelta(1)),
    (Decimal, Decimal("1.5")),
    (Fraction, Fraction(1, 3)),
    (uuid.UUID, uuid.UUID(int=5)),
    (list, [1, "a", None]),
    (typing.List, [1, "a"]),  # noqa: UP006
    (list[int], []),
    (list[int], [1, 2]),
    (tuple, (1, "a")),
    (typing.Tuple, (1, "a")),  # noqa: UP006
    (tuple[()], ()),
    (tuple[int, str], (1, "a")),
    (tuple[int, ...], (1, 2, 3)),
    (set[str], {"a"}),
    (frozenset[int], frozenset({1})),
    (dict, {1: "a"}),
    (dict[str, int], {"a": 1}),
    (dict[str, list[int]], {"a": [1]}),
    (Sequence[int], [1]),
    (Sequence[int], (1,)),
    (Mapping[str, int], {"a": 1}),
    (Iterable[int], {1, 2}),
    (Collection[int], frozenset({1})),
    (AbstractSet[int], {1}),
    (Optional[int], None),  # noqa: UP045
    (Union[int, str], "a"),  # noqa: UP007
    (int | str | None, 5),
    (list[int | None], [1, None]),
    (int | float, 5),
    (float | int, 5),
    (Literal["a", 1, b"x", True], 1),
    (Literal["a", 1, b"x", True], True),
    (Literal[None], None),
    (Any, Opaque("Thing", "<Thing>")),
    (object, [Opaque("Thing", "<Thing>")]),
    (list[Any], [1, Opaque("Thing", "<Thing>")]),
    (UserId, 7),
    (Annotated[int, "the number of rows"], 3),
    (Annotated[int, annotated_types.Ge(1)], 1),
    (Annotated[int, annotated_types.Interval(ge=1, lt=3)], 2),
    (Annotated[int, annotated_types.MultipleOf(5)], 10),
    (Annotated[int | None, annotated_types.Gt(0)], None),
    (Annotated[str, annotated_types.Len(1, 3)], "abc"),
    (Annotated[list[int], annotated_types.MinLen(1)], [1]),
    (Annotated[dict[str, int], annotated_types.MaxLen(1)], {"a": 1}),
    (Annotated[float, pydantic.Field(ge=0, description="metres")], 0.0),
    (Annotated[Decimal, annotated_types.Le(Decimal("1.5"))], Decimal("1.5")),
    (Annotated[datetime.date, annotated_types.Ge(datetime.date(2020, 1, 1))],
     datetime.date(2024, 1, 1)),
    (pydantic.PositiveInt, 1),
    (pydantic.StrictInt, 1),
    (pydantic.FiniteFloat, 1.0),
    (pydantic.conint(ge=2), 2),
    (pydantic.conlist(int, min_length=1), [1]),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "value"), ACCEPTED)
def test_accepts_as_it_is(annotation: object, value: object) -> None:
    found = check(annotation, value)
    assert found == value
    assert type(found) is type(value)


REFUSED: list[tuple[object, object, str]] = [
    (None, 0, "value: expected None, got int 0"),
    (bool, 1, "value: expected bool, got int 1"),
    (int, True, "value: expected int, got bool True"),
    (int, "1", "value: expected int, got str '1'"),
    (int, 1.0, "value: expected int, got float 1.0"),
    (int, Decimal("1e4000000"), "value: expected int, got Decimal 1E+4000000"),
    (float, True, "value: expected float, got bool True"),
    (float, "1", "value: expected float, got str '1'"),
    (float, Decimal(1), "value: expected float, got Decimal 1"),
    (float, 10**400, "value: expected float, got int of 1329 bits"),
    (complex, 1.0, "value: expected complex, got float 1.0"),
    (str, b"a", "value: expected str, got bytes of length 1"),
    (str, None, "value: expected str, got None"),
    (bytes, "a", "value: expected bytes, got str 'a'"),
    (datetime.datetime, "2024-01-01", "value: expected datetime, got str '2024-01-01'"),
    (datetime.datetime, 0, "value: expected datetime, got int 0"),
    (datetime.date, datetime.datetime(2024, 1, 1, tzinfo=UTC),
     "value: expected date, got datetime 2024-01-01 00:00:00+00:00"),
    (datetime.timedelta, 5, "value: expected timedelta, got int 5"),
    (Decimal, 1, "value: expected Decimal, got int 1"),
    (Decimal, "1", "value: expected Decimal, got str '1'"),
    (Fraction, "1/3", "value: expected Fraction, got str '1/3'"),
    (uuid.UUID, "0" * 32, f"value: expected UUID, got str '{'0' * 32}'"),
    (list[int], (1,), "value: expected list[int], got tuple of 1 item"),
    (list[int], {1, 2}, "value: expected list[int], got set of 2 items"),
    (list[int], [1, 2, "3"], "value[2]: expected int, got str '3'"),
    (list[list[int]], [[], [1, None]], "value[1][1]: expected int, got None"),
    (tuple[int, str], [1, "a"], "value: expected tuple[int, str], got list of 2 items"),
    (tuple[int, str], (1,), "value: expected tuple[int, str], got tuple of 1 item"),
    (tuple[int, str], (1, 2), "value[1]: expected str, got int 2"),
    (tuple[int, ...], (1, "a"), "value[1]: expected int, got str 'a'"),
    (tuple[()], (1,), "value: expected tuple[()], got tuple of 1 item"),
    (set[int], [1], "value: expected set[int], got list of 1 item"),
    (set[int], {"a"}, "value{item}: expected int, got str 'a'"),
    (frozenset[int], {1}, "value: expected frozenset[int], got set of 1 item"),
    (dict[str, int], [], "value: expected dict[str, int], got list of 0 items"),
    (dict[str, int], {"a": "b"}, "value['a']: expected int, got str 'b'"),
    (dict[str, int], {1: 1}, "value{key}: expected str, got int 1"),
    (dict[str, dict[int, bool]], {"a": {5: 1}}, "value['a'][int 5]: expected bool, got int 1"),
    (dict[float, int], {2**53: 1, 2**53 + 1: 2},
     "value: expected dict[float, int] whose keys stay distinct, got dict of 2 items"),
    (set[float], {2**53, 2**53 + 1},
     "value: expected set[float] whose items stay distinct, got set of 2 items"),
    (list[float], [1, 10**400], "value[1]: expected float, got int of 1329 bits"),
    (Sequence[str], "abc", "value: expected Sequence[str], got str 'abc'"),
    (int | None, "a", "value: expected int | None, got str 'a'"),
    (int | list[int], ["a"], "value[0]: expected int, got str 'a'"),
    (list[int] | list[str], [1, "a"], "value: expected list[int] | list[str], got list of 2 items"),
    (Literal["a", "b"], "c", "value: expected one of 'a', 'b', got str 'c'"),
    (Literal[1], True, "value: expected 1, got bool True"),
    (Literal["a"], ["a"], "value: expected 'a', got list of 1 item"),
    (UserId, "7", "value: expected int, got str '7'"),
    (int, Opaque("Thing", "secret"),
     "value: expected int, got an object of type 'Thing' that cannot cross"),
    (int, Record("Thing", {}), "value: expected int, got an object of type 'Thing'"),
    (Annotated[int, annotated_types.Ge(1)], 0, "value: expected int (>= 1), got int 0"),
    (Annotated[int, annotated_types.Interval(gt=1, le=9)], 10,
     "value: expected int (> 1, <= 9), got int 10"),
    (Annotated[int, annotated_types.Ge(1)], "x", "value: expected int, got str 'x'"),
    (Annotated[int, annotated_types.MultipleOf(5)], 7,
     "value: expected int (a multiple of 5), got int 7"),
    (Annotated[int | None, annotated_types.Gt(0)], 0, "value: expected int (> 0), got int 0"),
    (Annotated[float, annotated_types.Ge(0)], math.nan,
     "value: expected float (>= 0), got float nan"),
    (Annotated[float, annotated_types.Le(0)], math.nan,
     "value: expected float (<= 0), got float nan"),
    (Annotated[Decimal, annotated_types.Ge(0)], Decimal("NaN"),
     "value: expected Decimal (>= 0), got Decimal NaN"),
    (Annotated[Decimal, annotated_types.Ge(0)], Decimal("sNaN"),
     "value: expected Decimal (>= 0), got Decimal sNaN"),
    (Annotated[datetime.datetime, annotated_types.Ge(datetime.datetime(2020, 1, 1, tzinfo=UTC))],
     datetime.datetime(2024, 1, 1),
     "value: expected datetime (>= 2020-01-01 00:00:00+00:00), got datetime 2024-01-01 00:00:00"),
    (pydantic.FiniteFloat, math.inf, "value: expected float (finite), got float inf"),
    (Annotated[str, annotated_types.Len(1, 3)], "",
     "value: expected str (length >= 1, length <= 3), got str ''"),
    (Annotated[list[int], annotated_types.MaxLen(2)], ["a"] * 3,
     "value: expected list[int] (length <= 2), got list of 3 items"),
    (list[Annotated[str, annotated_types.MaxLen(1)]], ["a", "bc"],
     "value[1]: expected str (length <= 1), got str 'bc'"),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "value", "message"), REFUSED)
def test_refuses_and_says_why(annotation: object, value: object, message: str) -> None:
    assert refusal(annotation, value) == message


def test_the_error_has_its_parts() -> None:
    with pytest.raises(ValidationFailed) as caught:
        check(dict[str, list[int]], {"rows": [1, "x"]})
    error = caught.value
    assert (error.where, error.expected, error.got) == ("value['rows'][1]", "int", "str 'x'")


class TestWhatChangesItsType:
    def test_an_int_becomes_the_float_that_was_asked_for(self) -> None:
        assert repr(check(float, 1)) == "1.0"
        assert repr(check(list[float], [1.5, 2])) == "[1.5, 2.0]"
        assert repr(check(dict[str, float], {"a": 2})) == "{'a': 2.0}"
        assert repr(check(float | None, 1)) == "1.0"
        assert repr(check(tuple[float, ...], (1,))) == "(1.0,)"

    def test_an_enum_is_named_by_value(self) -> None:
        assert check(Color, "red") is Color.RED
        assert check(Size, 2) is Size.LARGE
        assert check(dict[Color, int], {"blue": 1}) == {Color.BLUE: 1}
        assert check(Color | str, "red") is Color.RED
        assert check(Color | str, "green") == "green"

    @pytest.mark.parametrize(
        ("annotation", "value", "message"),
        [
            (Color, "RED", "value: expected Color (one of 'red', 'blue'), got str 'RED'"),
            (Color, ["red"], "value: expected Color (one of 'red', 'blue'), got list of 1 item"),
            (Size, True, "value: expected Size (one of 1, 2), got bool True"),
            (Size, 1.0, "value: expected Size (one of 1, 2), got float 1.0"),
        ],
    )
    def test_and_by_nothing_else(self, annotation: object, value: object, message: str) -> None:
        assert refusal(annotation, value) == message

    def test_the_missing_hook_of_an_enum_is_not_asked(self) -> None:
        class Loose(enum.Enum):
            A = "a"

            @classmethod
            def _missing_(cls, value: object) -> "Loose":
                raise AssertionError(value)

        assert refusal(Loose, "b") == "value: expected Loose (one of 'a'), got str 'b'"


class TestOutgoing:
    """What a host function returns: its own types may derive from those that cross."""

    @pytest.mark.parametrize(
        ("annotation", "value", "expected"),
        [
            (dict[str, int], Counter("aab"), {"a": 2, "b": 1}),
            (dict[str, int], OrderedDict(a=1), {"a": 1}),
            (int, Size.LARGE, 2),
            (Color, Color.RED, "red"),
            (Color, "red", "red"),
            (list[Color], [Color.RED, Color.BLUE], ["red", "blue"]),
            (Color | None, Color.RED, "red"),
            (dict[Color, int], {Color.RED: 1}, {"red": 1}),
        ],
    )
    def test_becomes_plain(self, annotation: object, value: object, expected: object) -> None:
        found = present(annotation, value)
        assert found == expected
        assert type(found) is type(expected)

    def test_is_checked_like_everything_else(self) -> None:
        with pytest.raises(ValidationFailed, match=r"^result: expected int, got str 'x'$"):
            present(int, "x")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from("ab"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.sets(st.integers(-2, 2), max_size=2)
        | st.dictionaries(st.sampled_from("ab") | st.integers(0, 1), inner, max_size=2)
    ),
    max_leaves=6,
)


def of(generic: Any, *arguments: Any) -> Any:
    return generic[arguments]


PLAIN_TYPES: st.SearchStrategy[Any] = st.sampled_from([None, bool, int, float, str])
TYPES: st.SearchStrategy[Any] = st.recursive(
    PLAIN_TYPES,
    lambda inner: (
        inner.map(lambda t: of(list, t))
        | inner.map(lambda t: of(Union, t, None))
        | inner.map(lambda t: of(dict, str, t))
        | inner.map(lambda t: of(tuple, t, ...))
        | st.tuples(inner, inner).map(lambda ts: of(tuple, *ts))
        | st.tuples(inner, inner).map(lambda ts: of(Union, *ts))
        | st.just(set[int])
        | st.just(Literal["a", "b"])
    ),
    max_leaves=4,
)


def _accepts(validate: Any, value: object) -> object:
    try:
        return repr(validate(value))
    except (ValidationFailed, pydantic.ValidationError):
        return "refused"


@given(TYPES, JSON)
def test_agrees_with_the_strict_mode_of_pydantic(annotation: Any, value: object) -> None:
    strict: Any = pydantic.TypeAdapter(annotation, config=pydantic.ConfigDict(strict=True))
    ours = validator_for(annotation, where="value")
    assert _accepts(ours, value) == _accepts(strict.validate_python, value)


def test_nothing_is_imported_that_the_annotations_do_not_need() -> None:
    code = (
        "import sys, typing\n"
        "from ringfence.runtime.functions import register\n"
        "def lookup(city: str, at: list[float] | None = None) -> dict[str, float]: ...\n"
        "register([lookup])['lookup'].bind(['x'], {})\n"
        "print({'pydantic', 'pydantic_core', 'numpy', 'annotated_types'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_validator_shows_what_it_checks() -> None:
    validator = validator_for(list[int] | None, where="value")
    assert isinstance(validator, Validator)
    assert repr(validator) == "Validator(list[int] | None)"
    assert (validator.annotation, validator.where) == (list[int] | None, "value")
