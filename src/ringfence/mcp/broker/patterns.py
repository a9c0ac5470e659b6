"""Regular expressions of schemas, matched in time that grows with the text and no faster.

A server wrote the expression and a guest the text: Python's own engine would let the two hold the
host for hours. Rust's, which pydantic brings along, never goes back. What it does not know
(look-around, back references), and what is too large, is not checked here: that is the server's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from pydantic_core import SchemaError, SchemaValidator, core_schema

__all__ = ["Patterns", "Spending"]

_LONGEST = 1_000
_HEAVIEST = 20_000
_HEAVIEST_OF_ALL = 100_000
_MOST_WORK = 20_000_000
_REPEATED = re.compile(r"\{(\d{1,6})(?:,(\d{0,6}))?\}")


class Spending(Protocol):
    """What is told how much work a check was."""

    def spend(self, steps: int) -> None:
        """Take from what is left."""


class Patterns:
    """The expressions of one schema, each made once; together they are bounded."""

    def __init__(self) -> None:
        self._left = _HEAVIEST_OF_ALL
        self._made: dict[str, Callable[[str, Spending], bool | None]] = {}

    def matcher(self, pattern: str) -> Callable[[str, Spending], bool | None]:
        """A function that tells whether the expression is found anywhere in a text.

        It answers None where that cannot be told within bounds.
        """
        found = self._made.get(pattern)
        if found is None:
            found = self._made[pattern] = self._make(pattern)
        return found

    def _make(self, pattern: str) -> Callable[[str, Spending], bool | None]:
        weight = _weight(pattern)
        if weight > min(_HEAVIEST, self._left):
            return _unknown
        self._left -= weight
        try:
            matches = SchemaValidator(
                core_schema.str_schema(pattern=pattern, regex_engine="rust-regex", strict=True)
            ).isinstance_python
        except SchemaError:
            return _unknown

        def match(text: str, spending: Spending) -> bool | None:
            work = weight * len(text)
            if work > _MOST_WORK:
                return None
            spending.spend(1 + work // 500)
            return matches(text)

        return match


def _weight(pattern: str) -> int:
    """About how many states it has: its length, as often as the counts in it multiply it."""
    if len(pattern) > _LONGEST:
        return _HEAVIEST + 1
    weight = len(pattern) + 1
    for found in _REPEATED.finditer(pattern):
        weight *= max(1, int(found[2] or found[1]))
        if weight > _HEAVIEST:
            break
    return weight


def _unknown(text: str, spending: Spending) -> bool | None:
    return None
