"""``returns=``: what a value must be, or the status is error."""

from __future__ import annotations

import datetime
import decimal
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, Optional, TypedDict

import pydantic
import pytest

import ringfence
from tests.conformance.same import same


@dataclass(frozen=True)
class Point:
    x: int
    label: str = ""


@dataclass(frozen=True)
class Path:
    points: list[Point]
    closed: bool


class Row(TypedDict):
    name: str
    amount: float


class Size(NamedTuple):
    width: int
    height: int


class Colour(enum.Enum):
    RED = "red"


class Order(pydantic.BaseModel):
    number: int = pydantic.Field(gt=0)
    lines: list[str]


_GUEST = (
    "from dataclasses import dataclass\n@dataclass\nclass Anything:\n    x: int\n    label: str\n"
)

_MATCHING: list[tuple[Any, str, Any]] = [
    (int, "5", 5),
    (int, "10**30", 10**30),
    (float, "1.5", 1.5),
    (float, "2", 2.0),
    (bool, "True", True),
    (str, "'x'", "x"),
    (bytes, "b'x'", b"x"),
    (Any, "[1, 'a']", [1, "a"]),
    (list, "[1, 'a']", [1, "a"]),
    (list[int], "[1, 2]", [1, 2]),
    (list[float], "[1, 2.5]", [1.0, 2.5]),
    (tuple[int, str], "(1, 'a')", (1, "a")),
    (tuple[int, ...], "(1, 2, 3)", (1, 2, 3)),
    (set[str], "{'a'}", {"a"}),
    (dict[str, list[int]], "{'a': [1]}", {"a": [1]}),
    (Sequence[int], "(1, 2)", (1, 2)),
    (Mapping[int, str], "{1: 'a'}", {1: "a"}),
    (int | None, "None", None),
    (Optional[str], "'x'", "x"),  # noqa: UP045 - both spellings are accepted
    (int | str, "'x'", "x"),
    (Literal["a", 1], "1", 1),
    (datetime.date, "import datetime\ndatetime.date(2024, 1, 1)", datetime.date(2024, 1, 1)),
    (decimal.Decimal, "import decimal\ndecimal.Decimal('1.50')", decimal.Decimal("1.50")),
]


@pytest.mark.requirement("returns.match")
@pytest.mark.parametrize(
    ("annotation", "code", "value"), _MATCHING, ids=[f"{m[0]}-{m[1]}" for m in _MATCHING]
)
def test_matching_value(shared: ringfence.Sandbox, annotation: Any, code: str, value: Any) -> None:
    result = shared.run(code, returns=annotation)
    assert result.status == "ok", result.error
    assert same(result.value, value)


_MISMATCHED: list[tuple[Any, str, str]] = [
    (int, "'5'", "value: expected int, got str '5'"),
    (int, "True", "value: expected int, got bool True"),
    (int, "5.0", "value: expected int, got float 5.0"),
    (int, "None", "value: expected int, got None"),
    (float, "'1.5'", "value: expected float, got str '1.5'"),
    (str, "b'x'", "value: expected str, got bytes of length 1"),
    (bool, "1", "value: expected bool, got int 1"),
    (list[int], "(1, 2)", "value: expected list[int], got tuple of 2 items"),
    (list[int], "[1, '2']", "value[1]: expected int, got str '2'"),
    (tuple[int, str], "(1, 2)", "value[1]: expected str, got int 2"),
    (dict[str, int], "{'a': None}", "value['a']: expected int, got None"),
    (int | None, "'x'", "value: expected int | None, got str 'x'"),
    (Literal["a", "b"], "'c'", "value: expected one of 'a', 'b', got str 'c'"),
    (str, "range(3)", "value: expected str, got an object of type 'range' that cannot cross"),
    (Point, "5", "value: expected Point (fields x, label), got int 5"),
    (Point, "{'x': 'no'}", "value.x: expected int, got str 'no'"),
    (Point, "{'label': 'a'}", "value.x: expected int, got nothing"),
    (
        Point,
        "{'x': 1, 'z': 1}",
        "value: expected Point (fields x, label), got an unknown field str 'z'",
    ),
    (Path, "{'points': [{'x': 1}, {'x': None}], 'closed': True}", "value.points[1].x: expected int, got None"),
]  # fmt: skip


@pytest.mark.requirement("returns.mismatch", "returns.strict")
@pytest.mark.parametrize(
    ("annotation", "code", "message"), _MISMATCHED, ids=[f"{m[0]}-{m[1]}" for m in _MISMATCHED]
)
def test_mismatched_value(
    shared: ringfence.Sandbox, annotation: Any, code: str, message: str
) -> None:
    result = shared.run(code, returns=annotation)
    assert (result.status, result.value, result.alive) == ("error", None, True)
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("ValidationFailed", message)
    assert shared.run("1").value == 1


_DECLARED: list[tuple[Any, str, Any]] = [
    (Point, "{'x': 1}", Point(1)),
    (Point, _GUEST + "Anything(1, 'a')", Point(1, "a")),
    (list[Point], "[{'x': 1}, {'x': 2, 'label': 'b'}]", [Point(1), Point(2, "b")]),
    (Path, "{'points': [{'x': 1}], 'closed': False}", Path([Point(1)], False)),
    (Row, "{'name': 'a', 'amount': 1}", {"name": "a", "amount": 1.0}),
    (Size, "(3, 4)", Size(3, 4)),
    (Size, "{'height': 4, 'width': 3}", Size(3, 4)),
    (Colour, "'red'", Colour.RED),
    (dict[str, Colour], "{'a': 'red'}", {"a": Colour.RED}),
    (Order, "{'number': 1, 'lines': ['x']}", Order(number=1, lines=["x"])),
]


@pytest.mark.requirement("returns.declared")
@pytest.mark.parametrize(
    ("annotation", "code", "value"), _DECLARED, ids=[f"{m[0]}-{m[1]}" for m in _DECLARED]
)
def test_declared_class_is_built(
    shared: ringfence.Sandbox, annotation: Any, code: str, value: Any
) -> None:
    result = shared.run(code, returns=annotation)
    assert result.status == "ok", result.error
    assert result.value == value
    assert type(result.value) is type(value)


@pytest.mark.requirement("returns.declared", "returns.mismatch")
@pytest.mark.parametrize(
    ("annotation", "code", "message"),
    [
        (Colour, "'blue'", "value: expected Colour (one of 'red'), got str 'blue'"),
        (Order, "{'number': 0, 'lines': []}", "value.number: expected int (> 0), got int 0"),
        (Order, "{'number': 1}", "value.lines: expected list[str], got nothing"),
        (Size, "(1,)", "value: expected Size (fields width, height), got tuple of 1 item"),
    ],
)
def test_declared_class_mismatch(
    shared: ringfence.Sandbox, annotation: Any, code: str, message: str
) -> None:
    result = shared.run(code, returns=annotation)
    assert result.status == "error"
    assert result.error is not None
    assert result.error.message == message


@pytest.mark.requirement("returns.match", "returns.mismatch")
def test_annotated_bounds(shared: ringfence.Sandbox) -> None:
    percent = Annotated[int, pydantic.Field(ge=0, le=100)]
    assert shared.run("50", returns=percent).value == 50
    result = shared.run("101", returns=percent)
    assert result.status == "error"
    assert result.error is not None
    assert result.error.type == "ValidationFailed"


@pytest.mark.requirement("returns.match")
def test_returns_of_a_run_that_failed_is_not_checked(shared: ringfence.Sandbox) -> None:
    result = shared.run("1/0", returns=int)
    assert result.error is not None
    assert result.error.type == "ZeroDivisionError"


@pytest.mark.requirement("returns.match")
def test_no_value_is_none(shared: ringfence.Sandbox) -> None:
    assert shared.run("x = 1", returns=int | None).value is None


# --- call -----------------------------------------------------------------------------------


@pytest.mark.requirement("call.arguments")
def test_call(shared: ringfence.Sandbox) -> None:
    shared.run("def describe(*args, **kwargs):\n    return args, kwargs").raise_for_status()
    value = shared.call("describe", 1, "a", [2.5], key={"x": (1,)}, other=None).value
    assert value == ((1, "a", [2.5]), {"key": {"x": (1,)}, "other": None})


@pytest.mark.requirement("call.arguments")
def test_call_takes_any_parameter_name(shared: ringfence.Sandbox) -> None:
    shared.run("def echo(**kwargs): return kwargs").raise_for_status()
    assert shared.call("echo", name=1, limits=2, returns=3).value == {
        "name": 1,
        "limits": 2,
        "returns": 3,
    }


@pytest.mark.requirement("call.coroutine")
def test_call_of_a_coroutine_function(shared: ringfence.Sandbox) -> None:
    shared.run(
        "import asyncio\nasync def later(x):\n    await asyncio.sleep(0)\n    return x * 2"
    ).raise_for_status()
    assert shared.call("later", 21).value == 42


@pytest.mark.requirement("call.unknown")
def test_call_of_an_unknown_name(shared: ringfence.Sandbox) -> None:
    result = shared.call("no_such_function")
    assert (result.status, result.alive) == ("error", True)
    assert result.error is not None
    assert (result.error.type, result.error.message) == (
        "NameError",
        "name 'no_such_function' is not defined",
    )


@pytest.mark.requirement("call.unknown")
def test_call_of_what_is_no_function(shared: ringfence.Sandbox) -> None:
    shared.run("number = 5").raise_for_status()
    result = shared.call("number")
    assert result.error is not None
    assert (result.error.type, result.error.message) == (
        "TypeError",
        "'int' object is not callable",
    )


@pytest.mark.requirement("call.limits")
def test_call_with(shared: ringfence.Sandbox) -> None:
    shared.run("def point(x, label=''): return {'x': x, 'label': label}").raise_for_status()
    result = shared.call_with("point", [1], {"label": "a"}, returns=Point)
    assert result.value == Point(1, "a")
    assert shared.call_with("point", (1,), returns=int).status == "error"
    narrow = shared.limits.replace(value="4KiB")
    shared.run("def big(): return b'x' * 5000").raise_for_status()
    assert shared.call_with("big", limits=narrow).limit == "value"
    assert shared.call_with("big").status == "ok"
