"""Checks of the host's own classes.

A guest sends the fields, as a mapping or as a :class:`Record`; the host builds the class that *it*
declared. The name that a record carries is never looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ringfence.runtime.checks.check import Check, Fields, Mismatch, bounded, describe
from ringfence.runtime.checks.fields import Declared
from ringfence_guest.protocol.values import Record

__all__ = ["finish_incoming", "finish_outgoing", "start"]

_MAX_NAMES = 200

_REASONS = {
    "decimal_max_digits": "a Decimal of at most {max_digits} digits",
    "decimal_max_places": "a Decimal of at most {decimal_places} decimal places",
    "decimal_whole_digits": "a Decimal of at most {whole_digits} digits before the point",
    "multiple_of": "a multiple of {multiple_of}",
    "string_pattern_mismatch": "text of the pattern {pattern!r}",
    "uuid_version": "a UUID of version {expected_version}",
}
"""What pydantic enforces for a model's field beyond our own checks. The messages of other errors
may hold what the host's validators said."""


def start(cls: type, declared: Declared, *, outgoing: bool) -> Check:
    """A check that is known by name before its fields are built, so that they may refer to it."""
    if declared.kind == "TypedDict":
        types: frozenset[type] = frozenset({dict} if outgoing else {dict, Record})
    elif outgoing:
        types = frozenset({cls})
    elif declared.kind == "named tuple":
        types = frozenset({dict, Record, tuple})
    else:
        types = frozenset({dict, Record})
    return Check(cls.__name__, types=types)


def finish_incoming(check: Check, declared: Declared, checks: dict[str, Check]) -> None:
    """The class is built from a mapping of its fields (a named tuple from a plain tuple, too)."""
    required = frozenset(item.name for item in declared.fields if item.required)
    check.children = tuple(checks.values())
    check.fields = Fields(checks, required)
    expected = f"{check.text} (fields {', '.join(checks)})" if checks else check.text
    read = _reader(check.text, bounded(expected, _MAX_NAMES), checks, required)
    build = _builder(check.text, declared.build)
    names = tuple(checks) if declared.kind == "named tuple" else None

    def run(value: Any) -> Any:
        kind = type(value)
        if kind is dict:
            return build(read(value), value)
        if kind is Record:
            return build(read(value.fields), value)
        if names is not None and kind is tuple and len(required) <= len(value) <= len(names):
            return build(read(dict(zip(names, value, strict=False))), value)
        raise Mismatch(expected, value)

    check.run = run


def _reader(
    text: str, expected: str, checks: dict[str, Check], required: frozenset[str]
) -> Callable[[dict[Any, Any]], dict[str, Any]]:
    known = checks.keys()

    def read(value: dict[Any, Any]) -> dict[str, Any]:
        if not value.keys() <= known:
            unknown = next(name for name in value if name not in known)
            raise Mismatch(expected, got=f"an unknown field {describe(unknown)}")
        found = {}
        name = ""
        try:
            for name, item in checks.items():
                if name in value:
                    found[name] = item.run(value[name])
                elif name in required:
                    raise Mismatch(item.text, got="nothing")
        except Mismatch as mismatch:
            mismatch.path.append(f".{name}")
            raise
        return found

    return read


def _builder(
    text: str, construct: Callable[[dict[str, Any]], Any]
) -> Callable[[dict[str, Any], Any], Any]:
    """Runs the class's own checks (``__post_init__``, ``field_validator``) on checked values.

    A ValueError or AssertionError of theirs is a mismatch, as in pydantic. Its message is the
    host's and stays on the host: it is the ``__cause__``.
    """

    def build(values: dict[str, Any], value: Any) -> Any:
        try:
            return construct(values)
        except (ValueError, AssertionError) as error:
            name, reason = _first_of(error)
            mismatch = Mismatch(reason or f"what {text} accepts", values.get(name, value))
            if name:
                mismatch.path.append(f".{name}")
            raise mismatch from error

    return build


def _first_of(error: Exception) -> tuple[str, str]:
    """The field of pydantic's first error, and what it asks for if that was declared."""
    core: Any = sys.modules.get("pydantic_core")
    if core is None or not isinstance(error, core.ValidationError):
        return "", ""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    return name, _REASONS.get(first["type"], "").format(**first.get("ctx", {}))


def finish_outgoing(check: Check, cls: type, declared: Declared, checks: dict[str, Check]) -> None:
    """An instance becomes a record of its declared fields; those of a subclass stay behind."""
    required = frozenset(item.name for item in declared.fields if item.required)
    check.children = tuple(checks.values())
    text = check.text
    if declared.kind == "TypedDict":
        read = _reader(text, text, checks, required)

        def run_mapping(value: Any) -> Any:
            if isinstance(value, dict):
                return read(value)
            raise Mismatch(text, value)

        check.run = run_mapping
        return
    sent = {item.name for item in declared.fields if item.sent}
    as_tuple = declared.kind == "named tuple"

    def run(value: Any) -> Any:
        if not isinstance(value, cls):
            raise Mismatch(text, value)
        fields = {}
        name = ""
        try:
            for name, item in checks.items():
                if name in sent:
                    fields[name] = item.run(getattr(value, name))
        except Mismatch as mismatch:
            mismatch.path.append(f".{name}")
            raise
        return tuple(fields.values()) if as_tuple else Record(text, fields)

    check.run = run
