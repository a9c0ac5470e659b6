"""Values that came from a guest, as text for people: like ``repr``, but bounded.

``repr`` alone would not do: it refuses integers of more than 4,300 digits (and takes quadratic time
for them where it does not), and one value may have 64 MiB.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from ringfence.cli.escape import escape
from ringfence_guest.protocol.values import Record

__all__ = ["LONGEST", "describe_value", "spell_int"]

LONGEST = 65_536
"""Characters of one value that are shown."""

_DECIMAL_BITS = 8_192  # below 4,300 digits, and quick


class _Full(Exception):
    pass


class _Writer:
    def __init__(self, longest: int) -> None:
        self.parts: list[str] = []
        self.left = longest

    def text(self, text: str) -> None:
        self.parts.append(text[: self.left])
        self.left -= len(text)
        if self.left < 0:
            raise _Full

    def value(self, value: Any) -> None:
        kind = type(value)
        if kind is int:
            self.text(spell_int(value))
        elif kind is str or kind is bytes:
            # One more than fits: what is left out must be seen to be left out.
            self.text(repr(value[: self.left + 1]))
        elif kind is list:
            self.items("[", value, "]")
        elif kind is tuple:
            self.items("(", value, ",)" if len(value) == 1 else ")")
        elif kind is set or kind is frozenset:
            opening, closing = ("{", "}") if kind is set else ("frozenset({", "})")
            if value:
                self.items(opening, value, closing)
            else:
                self.text(f"{kind.__name__}()")
        elif kind is dict:
            self.pairs("{", ": ", value.items(), "}", self.value)
        elif kind is Record:
            self.pairs(f"{value.type_name}(", "=", value.fields.items(), ")", self.text)
        elif kind is Fraction:
            self.items("Fraction(", (value.numerator, value.denominator), ")")
        else:
            self.text(repr(value))

    def items(self, opening: str, values: Iterable[Any], closing: str) -> None:
        self.text(opening)
        for number, value in enumerate(values):
            if number:
                self.text(", ")
            self.value(value)
        self.text(closing)

    def pairs(
        self, opening: str, between: str, pairs: Iterable[tuple[Any, Any]], closing: str, key: Any
    ) -> None:
        self.text(opening)
        for number, (name, value) in enumerate(pairs):
            if number:
                self.text(", ")
            key(name)
            self.text(between)
            self.value(value)
        self.text(closing)


def spell_int(value: int) -> str:
    """A Python literal: decimal, or hexadecimal where decimal would take long."""
    return str(value) if value.bit_length() <= _DECIMAL_BITS else hex(value)


def describe_value(value: Any, longest: int = LONGEST) -> str:
    """``value`` as a person reads it, harmless on a terminal; ends in ``…`` if it was shortened."""
    writer = _Writer(longest)
    try:
        writer.value(value)
    except _Full:
        writer.parts.append("…")
    return escape("".join(writer.parts))
