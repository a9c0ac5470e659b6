"""Checks of JSON Schemas: as the standard's other implementation has it, and within bounds."""

from __future__ import annotations

import itertools
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.errors import FieldProblem
from ringfence.mcp.broker.json_values import NotJson, plain
from ringfence.mcp.broker.schemas import Checker, SchemaRefused, TooMuchWork, admit
from ringfence_guest.protocol.codec import encode


def problems(schema: dict[str, Any], value: Any) -> list[tuple[str, str, str]]:
    admit(schema)
    given = plain(value, "arguments", 1 << 20)
    found = Checker(schema, "arguments").problems(given.value, given.values)
    return [(one.field, one.expected, one.got) for one in found]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, -2.0, "", "a", "ab", "b1"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
SMALL = st.integers(0, 3)


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(
                ["null", "boolean", "string", "array", "object", "number", "integer"]
            )
            | st.just(["string", "integer"]),
            "enum": st.lists(VALUES, max_size=3),
            "const": VALUES,
            "minimum": st.integers(-3, 3),
            "maximum": st.integers(-3, 3),
            "exclusiveMinimum": st.integers(-3, 3),
            "exclusiveMaximum": st.integers(-3, 3),
            "multipleOf": st.integers(1, 3),
            "minLength": SMALL,
            "maxLength": SMALL,
            "pattern": st.sampled_from(["a", "^a$", "[0-9]", "^.{2}$"]),
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "minContains": SMALL,
            "maxContains": SMALL,
            "minItems": SMALL,
            "maxItems": SMALL,
            "uniqueItems": st.booleans(),
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            "patternProperties": st.dictionaries(
                st.sampled_from(["a", "^b", "[bc]"]), inner, max_size=2
            ),
            "additionalProperties": inner,
            "propertyNames": inner,
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "minProperties": SMALL,
            "maxProperties": SMALL,
            "dependentRequired": st.dictionaries(
                st.sampled_from("abc"),
                st.lists(st.sampled_from("abc"), max_size=2, unique=True),
                max_size=2,
            ),
            "dependentSchemas": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "$ref": st.sampled_from(["#/$defs/one", "#/$defs/two"]),
        },
    )


SCHEMAS = st.recursive(st.booleans() | schemas(st.booleans()), schemas, max_leaves=6)
STRAIGHT = SCHEMAS.filter(lambda schema: "$ref" not in repr(schema))  # leads into no circle


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, STRAIGHT, VALUES)
def test_it_holds_what_the_reference_holds(schema: Any, other: Any, value: Any) -> None:
    whole = {"allOf": [schema], "$defs": {"one": {"type": "string"}, "two": other}}
    expected = jsonschema.Draft202012Validator(whole).is_valid(value)
    assert (not problems(whole, value)) is expected


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (
            {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
            {},
            ("arguments.path", "string", "nothing"),
        ),
        (
            {"properties": {"n": {"type": "integer"}}},
            {"n": "7"},
            ("arguments.n", "integer", "string '7'"),
        ),
        (
            {"properties": {"n": {"type": "integer"}}},
            {"n": True},
            ("arguments.n", "integer", "true"),
        ),
        (
            {
                "properties": {
                    "edits": {"type": "array", "items": {"type": "object", "required": ["old"]}}
                }
            },
            {"edits": [{"old": 1}, {}]},
            ("arguments.edits[1].old", "a value", "nothing"),
        ),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"b": 1},
            ("arguments.b", "only a", "a property that is not known"),
        ),
        (
            {"properties": {"mode": {"enum": ["r", "w"]}}},
            {"mode": "x"},
            ("arguments.mode", '"r" or "w"', "string 'x'"),
        ),
        (
            {"properties": {"x": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
            {"x": 1},
            ("arguments.x", "string or null", "integer 1"),
        ),
        (
            {
                "properties": {
                    "x": {
                        "anyOf": [
                            {"type": "null"},
                            {"type": "object", "properties": {"y": {"type": "integer"}}},
                        ]
                    }
                }
            },
            {"x": {"y": "z"}},
            ("arguments.x.y", "integer", "string 'z'"),
        ),
        (
            {"properties": {"x": {"type": "string", "pattern": "^[a-z]+$"}}},
            {"x": "A" * 200},
            ("arguments.x", "text that matches '^[a-z]+$'", f"string {'A' * 80!r}…"),
        ),
        (
            {"properties": {"x": {"minimum": 1}}},
            {"x": 0},
            ("arguments.x", "at least 1", "integer 0"),
        ),
        (
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "definitions": {"p": {"type": "string"}},
                "properties": {"x": {"$ref": "#/definitions/p"}},
            },
            {"x": []},
            ("arguments.x", "string", "array of 0"),
        ),
    ],
)
def test_what_is_wrong_is_told_field_by_field(
    schema: dict[str, Any], value: Any, expected: tuple[str, str, str]
) -> None:
    assert problems(schema, value) == [expected]


def test_at_most_ten_problems_are_told() -> None:
    schema: dict[str, Any] = {"items": {"type": "string"}}
    assert len(problems(schema, list(range(1_000)))) == 10


@pytest.mark.parametrize("reference", ["http://127.0.0.1:9/s", "other.json", "file:///etc/passwd"])
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_nothing_is_fetched(keyword: str, reference: str) -> None:
    with pytest.raises(SchemaRefused, match="nothing is fetched"):
        admit({"properties": {"x": {keyword: reference}}})


def test_a_schema_is_bounded() -> None:
    deep: dict[str, Any] = {}
    for _ in range(70):
        deep = {"not": deep}
    numbers: list[Any] = [float("nan"), float("inf"), -float("inf"), 10**5_000]
    bad: list[Any] = [
        deep,
        {"enum": list(range(30_000))},
        {"description": "x" * 300_000},
        [],
        *({"multipleOf": one} for one in numbers),
        *({"properties": {"x": {"enum": [one]}}} for one in numbers),
    ]
    for schema in bad:
        with pytest.raises(SchemaRefused):
            admit(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"required": 7},
        {"type": "text"},
        {"properties": []},
        {"items": 3},
        {"minLength": -1},
        {"$ref": "#/nowhere"},
        {"$ref": "#nowhere"},
        {"allOf": {}},
        {"pattern": 1},
        {"multipleOf": 0},
        {"properties": {"x": {"$id": "http://a/b", "$ref": "#/y"}}},
    ],
)
def test_what_is_no_schema_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SchemaRefused):
        Checker(schema, "arguments")


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"},
        {
            "$defs": {
                **{f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)},
                "a40": False,
            },
            "$ref": "#/$defs/a0",
        },
    ],
)
def test_a_schema_that_makes_work_without_end_is_given_up(schema: dict[str, Any]) -> None:
    with pytest.raises(TooMuchWork):
        problems(schema, {})


def test_values_that_all_meet_in_one_place_of_a_set_are_told_apart_at_once() -> None:
    """Python's hashes of numbers are known: tens of thousands of these took half a minute."""
    same = (1 << 61) - 1
    pairs = itertools.islice(itertools.product((-1, -2), repeat=14), 14_000)
    several: list[list[Any]] = [[n * same for n in range(1, 30_000)], [list(one) for one in pairs]]
    for many in several:
        assert problems({"uniqueItems": True}, many) == []
        assert len(problems({"uniqueItems": True}, [*many, many[0]])) == 1


def test_equal_is_as_in_json() -> None:
    same: list[tuple[Any, Any]] = [
        (1, 1.0),
        (0, -0.0),
        ([1], [1.0]),
        ({"a": 2**60}, {"a": 2.0**60}),
    ]
    for one, other in same:
        assert problems({"const": one}, other) == []
        assert problems({"enum": [other]}, one) == []
    apart: list[tuple[Any, Any]] = [(1, True), (0, False), ("1", 1), (2**60, 2**60 + 1), (None, 0)]
    for one, other in [*apart, (1.5, 1.25)]:
        assert len(problems({"const": one}, other)) == 1


def test_a_number_of_properties_is_checked() -> None:
    schema: dict[str, Any] = {"minProperties": 2, "maxProperties": 2}
    assert [len(problems(schema, dict.fromkeys("abc"[:n]))) for n in range(4)] == [1, 1, 0, 1]


def test_a_pattern_that_goes_back_is_answered_at_once() -> None:
    schema: dict[str, Any] = {"type": "string", "pattern": "^(a+)+$"}
    assert problems(schema, "a" * 50_000) == []
    assert [one[1] for one in problems(schema, "a" * 50_000 + "!")] == [
        "text that matches '^(a+)+$'"
    ]


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "(" * 500, "a" * 2_000, r"(\w{99}){999}"])
def test_a_pattern_that_cannot_be_bounded_checks_nothing(pattern: str) -> None:
    assert problems({"pattern": pattern}, "zzz") == []
    assert problems({"not": {"pattern": pattern}}, "zzz") == []
    assert problems({"oneOf": [{"pattern": pattern}, {"type": "string"}]}, "zzz") == []
    assert problems({"if": {"pattern": pattern}, "then": False, "else": False}, "zzz") == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (b"x", ("arguments", "a JSON value", "bytes")),
        ({"a": {1, 2}}, ("arguments.a", "a JSON value", "set")),
        ({"a\x1b[2J\n\u202e": {1}}, ("arguments.a\\x1b[2J\\n\\u202e", "a JSON value", "set")),
        ({"a": [float("nan")]}, ("arguments.a[0]", "a JSON number", "nan")),
        ({1: 2}, ("arguments", "names that are text", "integer 1")),
        (1 << 2_000, ("arguments", "at most 1024 bits", "a larger integer")),
        ("\ud800", ("arguments", "text", "half of a surrogate")),
        ("x" * 2_000, ("arguments", "at most 1,000 bytes", "more")),
    ],
)
def test_what_is_no_json_is_told(value: Any, problem: tuple[str, str, str]) -> None:
    with pytest.raises(NotJson) as raised:
        plain(value, "arguments", 1_000)
    assert raised.value.problem == FieldProblem(*problem)


def test_a_value_that_is_too_deep_is_told() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotJson, match="60 levels"):
        plain(value, "arguments", 1_000)


def test_what_is_just_not_too_deep_reaches_a_guest() -> None:
    """A schema is told within a table, and a value crosses with a few levels around it."""

    def nested(levels: int) -> Any:
        value: Any = {}
        for _ in range(levels):
            value = {"not": value}
        return value

    admit(nested(60))
    encode({"tool": {"parameters": nested(60)}}, limit=1 << 20)
    encode(plain(nested(60), "result", 1 << 20).value, limit=1 << 20)
    with pytest.raises(NotJson):
        plain(nested(61), "result", 1 << 20)
    with pytest.raises(SchemaRefused):
        admit(nested(61))
