"""What a check is, and how a mismatch says where it happened.

A check takes the value that came and returns the value that was meant, or raises
:class:`Mismatch`. It stops at the first mismatch: a million bad items cost as much as one. The path
is collected while the exception unwinds, so that a value that matches pays nothing for it.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ringfence.errors import ValidationFailed
from ringfence_guest.protocol.values import Opaque, Record

__all__ = ["Check", "Fields", "Mismatch", "bounded", "describe", "type_name"]

MAX_TEXT = 60
"""Characters that are quoted of a value."""

MAX_EXPECTED = 300
"""Characters of what an annotation asks for, in a message."""

MAX_PATH = 300
"""Characters of a path in a message."""

_QUOTED_INT_BITS = 128


class Mismatch(Exception):
    """A value does not match. Internal: :class:`ValidationFailed` is what callers see."""

    def __init__(self, expected: str, value: object = None, *, got: str | None = None) -> None:
        super().__init__()
        self.expected = expected
        self.value = value
        self.got = got
        self.path: list[str] = []

    def failed(self, where: str) -> ValidationFailed:
        """The exception for the caller; ``where`` names the value that was checked as a whole."""
        path = where + bounded("".join(reversed(self.path)), MAX_PATH)
        got = self.got if self.got is not None else describe(self.value)
        return ValidationFailed(path, bounded(self.expected, MAX_EXPECTED), got)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields that a mapping must and may have."""

    checks: Mapping[str, Check]
    required: frozenset[str]

    @property
    def tags(self) -> dict[str, tuple[tuple[type, object], ...]]:
        """What the ``Literal`` and ``Enum`` fields may be: it tells members of a union apart."""
        return {name: c.values for name, c in self.checks.items() if c.values is not None}


def _unfinished(value: object) -> Any:
    raise AssertionError("a check was used before it was built")


@dataclass(slots=True, eq=False)
class Check:
    """One annotation, as code.

    Attributes:
        text: what it asks for, as a message says it.
        run: the check itself.
        types: the exact types of the values that it may accept; None means any.
        anything: whether it accepts every value that can cross, unchanged.
        widened: types that it accepts only where no other member of a union does (int as float).
        same: types of which it accepts every value, unchanged. Lets a container of a million
            numbers be checked by one pass over the types.
        convert: makes what is asked for of a value of a type in ``same`` or ``widened``, or raises
            OverflowError. For a container of both.
        values: for a ``Literal`` or an ``Enum``: the values it accepts, by type and value.
        fields: for a class that is built from a mapping.
        children: the checks of what is inside.
        passes_through: whether it hands the same value to its children (a union, an alias).
    """

    text: str
    run: Callable[[Any], Any] = _unfinished
    types: frozenset[type] | None = None
    widened: frozenset[type] = frozenset()
    same: frozenset[type] = frozenset()
    convert: Callable[[Any], Any] | None = None
    values: tuple[tuple[type, object], ...] | None = None
    fields: Fields | None = None
    children: tuple[Check, ...] = ()
    anything: bool = False
    passes_through: bool = False


def bounded(text: str, size: int) -> str:
    """``text``, its middle left out if it is longer than ``size`` characters."""
    if len(text) <= size:
        return text
    half = (size - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def type_name(kind: object) -> str:
    """The name of a type as its author writes it: ``list``, ``pathlib.Path``."""
    if not isinstance(kind, type):
        return bounded(repr(kind), MAX_EXPECTED)
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    public, *inner = kind.__module__.split(".")
    module = ".".join([public, *(part for part in inner if not part.startswith("_"))])
    return f"{module}.{kind.__qualname__}"


def _quoted(value: object) -> str:
    return bounded(repr(value), MAX_TEXT)


def _describe_int(value: int) -> str:
    bits = value.bit_length()
    return f"int {value}" if bits <= _QUOTED_INT_BITS else f"int of {bits} bits"


def _describe_text(value: str) -> str:
    if len(value) <= MAX_TEXT:
        return f"str {_quoted(value)}"
    return f"str {_quoted(value[:MAX_TEXT])} ({len(value)} characters)"


def _describe_decimal(value: decimal.Decimal) -> str:
    return f"Decimal {bounded(str(value), MAX_TEXT)}"


def _describe_fraction(value: fractions.Fraction) -> str:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _QUOTED_INT_BITS:
        return "Fraction"
    return f"Fraction {value}"


def _counted(kind: str) -> Callable[[Any], str]:
    return lambda value: f"{kind} of {len(value)} item{'s' if len(value) != 1 else ''}"


_DESCRIBE: dict[type, Callable[[Any], str]] = {
    type(None): repr,
    bool: lambda value: f"bool {value}",
    int: _describe_int,
    float: lambda value: f"float {value!r}",
    complex: lambda value: f"complex {value!r}",
    str: _describe_text,
    bytes: lambda value: f"bytes of length {len(value)}",
    datetime.date: lambda value: f"date {value}",
    datetime.time: lambda value: f"time {value}",
    datetime.datetime: lambda value: f"datetime {value}",
    datetime.timedelta: lambda value: f"timedelta {value}",
    decimal.Decimal: _describe_decimal,
    fractions.Fraction: _describe_fraction,
    uuid.UUID: lambda value: f"UUID {value}",
    list: _counted("list"),
    tuple: _counted("tuple"),
    set: _counted("set"),
    frozenset: _counted("frozenset"),
    dict: _counted("dict"),
    Record: lambda value: f"an object of type {_quoted(value.type_name)}",
    Opaque: lambda value: f"an object of type {_quoted(value.type_name)} that cannot cross",
}


def describe(value: object) -> str:
    """A value for a message: at most about a hundred characters, escaped, and it never raises.

    ``repr`` is only called for types whose ``repr`` is known: that of any other object may fail,
    take long, or show what is no business of the reader's.
    """
    known = _DESCRIBE.get(type(value))
    if known is not None:
        return known(value)
    if type(value).__module__ == "numpy":
        shape = getattr(value, "shape", ())
        return f"array {value.dtype}{list(shape)}" if shape else type_name(type(value))  # type: ignore[attr-defined]
    return f"an object of type {_quoted(type_name(type(value)))}"
