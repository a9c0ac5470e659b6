"""Keys whose hashes the sender can choose.

The hash of text is keyed with a secret of the process. Those of numbers, dates and tuples are not:
a sender can make them equal, or make them meet in a dictionary's table by following the walk that
CPython documents in ``Objects/dictobject.c``, and then building the dictionary takes quadratic
time. How many such keys a value may have is therefore bounded; both sides check it, so that an
honest sender gets an error and never breaks the protocol.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

__all__ = ["MAX_UNKEYED", "MAX_UNKEYED_IN_ALL", "count_unkeyed"]

MAX_UNKEYED = 8_192
"""Keys of one dictionary or set that are neither text nor a dense range of integers."""

MAX_UNKEYED_IN_ALL = 65_536
"""The same over a whole value."""

_HARMLESS = 256
_DENSE = 8
_TEXT = frozenset({str, bytes})


def count_unkeyed(keys: Collection[Any]) -> int:
    """How many keys count against the bounds: none if they are few, text, or dense integers.

    Integers are dense when they span at most eight times their number: row numbers and most ids.
    Too few of those meet for the walk to be worth an attack.
    """
    count = len(keys)
    if count <= _HARMLESS:
        return 0
    kinds = set(map(type, keys))
    if kinds <= _TEXT:
        return 0
    if kinds == {int} and max(keys) - min(keys) <= _DENSE * count:
        return 0
    return count
