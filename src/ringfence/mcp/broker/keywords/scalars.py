"""Keywords of single values: types, enumerations, numbers and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from ringfence.mcp.broker.expectations import expectation, listed
from ringfence.mcp.broker.keywords.equality import equal
from ringfence.mcp.broker.keywords.reading import count
from ringfence.mcp.broker.keywords.work import Check, Path, SchemaRefused, Work
from ringfence.mcp.broker.patterns import Patterns

__all__ = ["numbers", "texts", "types", "values"]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
}


def types(schema: dict[str, Any]) -> list[Check]:
    """``type``."""
    if "type" not in schema:
        return []
    names = schema["type"]
    names = names if isinstance(names, list) else [names]
    if not all(isinstance(name, str) and name in _TYPES for name in names):
        raise SchemaRefused("a type that JSON does not have")
    tests = tuple(_TYPES[name] for name in names)
    expected = expectation(schema)
    if len(tests) == 1:
        (test,) = tests

        def check_one(value: Any, path: Path, work: Work) -> None:
            if not test(value):
                work.wrong(path, expected, value)

        return [check_one]

    def check(value: Any, path: Path, work: Work) -> None:
        if not any(test(value) for test in tests):
            work.wrong(path, expected, value)

    return [check]


def values(schema: dict[str, Any]) -> list[Check]:
    """``enum`` and ``const``."""
    checks: list[Check] = []
    for keyword in ("enum", "const"):
        if keyword not in schema:
            continue
        given = schema[keyword] if keyword == "enum" else [schema[keyword]]
        if not isinstance(given, list):
            raise SchemaRefused("enum: a list")
        keys = {equal(one) for one in given}
        expected = listed(given)

        def check(
            value: Any, path: Path, work: Work, *, keys: Any = keys, expected: str = expected
        ) -> None:
            if equal(value, work) not in keys:
                work.wrong(path, expected, value)

        checks.append(check)
    return checks


def numbers(schema: dict[str, Any]) -> list[Check]:
    """``minimum``, ``maximum``, ``exclusive…``, ``multipleOf``."""
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if isinstance(above, bool):  # draft-04
        above, lowest = (lowest, None) if above else (None, lowest)
    if isinstance(below, bool):
        below, highest = (highest, None) if below else (None, highest)
    multiple = schema.get("multipleOf")
    bounds = [lowest, highest, above, below, multiple]
    if all(one is None for one in bounds):
        return []
    if not all(one is None or _is_number(one) for one in bounds) or (
        multiple is not None and multiple <= 0
    ):
        raise SchemaRefused("a bound of a number that is none")
    part = None if multiple is None else Fraction(repr(multiple))

    def check(value: Any, path: Path, work: Work) -> None:
        if not _is_number(value):
            return
        if lowest is not None and value < lowest:
            work.wrong(path, f"at least {lowest}", value)
        if highest is not None and value > highest:
            work.wrong(path, f"at most {highest}", value)
        if above is not None and value <= above:
            work.wrong(path, f"more than {above}", value)
        if below is not None and value >= below:
            work.wrong(path, f"less than {below}", value)
        if part is not None and Fraction(repr(value)) % part:
            work.wrong(path, f"a multiple of {multiple}", value)

    return [check]


def texts(schema: dict[str, Any], patterns: Patterns) -> list[Check]:
    """``minLength``, ``maxLength``, ``pattern``."""
    shortest, longest = count(schema, "minLength"), count(schema, "maxLength")
    pattern = schema.get("pattern")
    if pattern is not None and not isinstance(pattern, str):
        raise SchemaRefused("pattern: a text")
    if shortest is None and longest is None and pattern is None:
        return []
    matches = None if pattern is None else patterns.matcher(pattern)
    expected = f"text that matches {(pattern or '')[:100]!a}"

    def check(value: Any, path: Path, work: Work) -> None:
        if not isinstance(value, str):
            return
        if shortest is not None and len(value) < shortest:
            work.wrong(path, f"at least {shortest} characters", value, f"{len(value)}")
        if longest is not None and len(value) > longest:
            work.wrong(path, f"at most {longest} characters", value, f"{len(value)}")
        if matches is not None:
            found = matches(value, work)
            if found is None:
                work.unsure = True
            elif not found:
                work.wrong(path, expected, value)

    return [check]
