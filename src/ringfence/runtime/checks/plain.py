"""Checks of single values: numbers, text, dates, enumerations, literals.

Exact by type: ``"1"`` is no int, ``True`` is no int, ``1.0`` is no int. Two things are accepted
besides, and neither loses anything: an int where a float is asked for (if it fits), and a NumPy
scalar for the Python number that it holds.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import sys
import uuid
from collections.abc import Callable
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.runtime.checks.check import Check, Mismatch, describe, type_name
from ringfence_guest.protocol.values import Opaque

__all__ = ["ANYTHING", "NONE", "PLAIN", "enumeration", "literal"]

_NUMBERS = frozenset("biufc")
_NO_TYPES: frozenset[type] = frozenset()


def _as_plain(value: object) -> object:
    """A NumPy scalar as the Python number it holds, a subclass as its base, else ``value``."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic) and value.dtype.kind in _NUMBERS:
        return value.item()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int.__pos__(value)
    if isinstance(value, float):
        return float.__pos__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return bytes(value)
    return value


def _exact(kind: type) -> Check:
    text = kind.__name__

    def run(value: Any) -> Any:
        if type(value) is kind:
            return value
        plain = _as_plain(value)
        if type(plain) is kind:
            return plain
        raise Mismatch(text, value)

    only = frozenset({kind})
    return Check(text, run, types=only, same=only)


def _float() -> Check:
    def run(value: Any) -> float:
        if type(value) is float:
            return value
        plain = _as_plain(value)
        if type(plain) is float:
            return plain
        if type(plain) is int:
            try:
                return float(plain)
            except OverflowError:
                raise Mismatch("float", value) from None
        raise Mismatch("float", value)

    only: frozenset[type] = frozenset({float})
    widened: frozenset[type] = frozenset({int})
    return Check("float", run, types=only, widened=widened, same=only, convert=float)


def _none() -> Check:
    def run(value: Any) -> None:
        if value is not None:
            raise Mismatch("None", value)

    only: frozenset[type] = frozenset({type(None)})
    return Check("None", run, types=only, same=only)


def _opaque() -> Check:
    def run(value: Any) -> Any:
        return value

    return Check("Any", run, types=None, anything=True)


ANYTHING = _opaque()
"""Any value that can cross, :class:`~ringfence_guest.protocol.values.Opaque` included."""

NONE = _none()
"""None."""

PLAIN: dict[object, Check] = {
    type(None): NONE,
    float: _float(),
    **{
        kind: _exact(kind)
        for kind in (
            bool,
            int,
            complex,
            str,
            bytes,
            datetime.date,
            datetime.time,
            datetime.datetime,
            datetime.timedelta,
            decimal.Decimal,
            fractions.Fraction,
            uuid.UUID,
            Opaque,
        )
    },
}
"""The annotations that are a type of a single value."""


_ENUM_VALUES = (str, int, float, bytes)
_LITERALS = (type(None), bool, int, str, bytes)


def _one_of(text: str, table: dict[tuple[type, object], object]) -> Check:
    types = frozenset(kind for kind, _ in table)
    expected = _choice(text, table)
    by_type = {
        kind: {value: meant for (other, value), meant in table.items() if other is kind}
        for kind in types
    }

    def run(value: Any) -> Any:
        # The type is looked at first: a value of another type is never hashed or compared.
        known = by_type.get(type(value))
        if known is None:
            value = _as_plain(value)
            known = by_type.get(type(value), {})
        if type(value) in types and value in known:
            return known[value]
        raise Mismatch(expected, value)

    return Check(text, run, types=types, values=tuple(table))


def _choice(text: str, table: dict[tuple[type, object], object]) -> str:
    values = ", ".join(repr(value) for _, value in table)
    if text.startswith("Literal"):
        return values if len(table) == 1 else f"one of {values}"
    return f"{text} (one of {values})"


def literal(values: tuple[object, ...], refuse: Callable[[str], ConfigurationError]) -> Check:
    """``Literal[…]``: these values, by type as well (``1`` is not ``True``)."""
    for value in values:
        if type(value) not in _LITERALS:
            raise refuse(f"a literal must be None, bool, int, str or bytes, not {describe(value)}")
    table: dict[tuple[type, object], object] = {(type(value), value): value for value in values}
    return _one_of(f"Literal[{', '.join(map(repr, values))}]", table)


def enumeration(
    cls: type[enum.Enum], *, outgoing: bool, refuse: Callable[[str], ConfigurationError]
) -> Check:
    """An ``Enum``: the guest names a member by its value. ``_missing_`` is never asked.

    Outgoing, a member becomes its value; a plain value is accepted if it is one of theirs.
    """
    if issubclass(cls, enum.Flag):
        raise refuse("flags combine into values that are no members; use set[...] of an Enum")
    table: dict[tuple[type, object], object] = {}
    for member in cls:
        value = _as_plain(member.value)
        if type(value) not in _ENUM_VALUES:
            raise refuse(
                f"the value of {cls.__name__}.{member.name} must be a str, int, float or bytes, "
                f"not {describe(value)}"
            )
        table[type(value), value] = value if outgoing else member
    if not table:
        raise refuse(f"{type_name(cls)} has no members")
    by_value = _one_of(cls.__name__, table)
    if not outgoing:
        return by_value

    def run(value: Any) -> Any:
        return by_value.run(value.value if isinstance(value, cls) else value)

    types = (by_value.types or _NO_TYPES) | {cls}
    return Check(by_value.text, run, types=types, values=by_value.values, children=(by_value,))
