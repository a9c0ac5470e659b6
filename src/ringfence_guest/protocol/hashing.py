"""Keys whose hashes the sender can choose.

The hash of text is keyed with a secret of the process. Those of numbers, dates and tuples are not:
a sender can make them equal, or make them meet in a dictionary's table by following the walk that
CPython documents in ``Objects/dictobject.c``, and then building the dictionary takes quadratic
time. How many such keys a value may have is therefore bounded; both sides check it, so that an
honest sender gets an error and never breaks the protocol.

A *run* of integers is free, because no two of its members meet: it ascends from 0 or more, and of
any beginning of it at most every third number is missing. A table of CPython's has more places
than three halves of what it holds, and the first place that an integer asks for is the integer
modulo the number of places: no member asks for a place that another has.
"""

from __future__ import annotations

import operator
from collections.abc import Collection
from itertools import count, islice
from typing import Any

__all__ = ["MAX_UNKEYED", "MAX_UNKEYED_IN_ALL", "UNCOUNTED", "cannot_meet", "in_order"]

MAX_UNKEYED = 8_192
"""Keys of one dictionary or set that are neither text nor a run of integers."""

MAX_UNKEYED_IN_ALL = 65_536
"""The same over a whole value."""

UNCOUNTED = 256
"""A dictionary or set of so many keys is not counted: they can meet, and it costs nothing."""

_TEXT = frozenset({str, bytes})
_INTEGERS = {int}


def cannot_meet(keys: Collection[Any]) -> bool:
    """Whether the sender cannot have made the keys to meet: they are text, or a run of integers.

    Args:
        keys: in the order in which the table will get them.
    """
    kinds = set(map(type, keys))
    return kinds <= _TEXT or (kinds == _INTEGERS and _is_run(list(keys)))


def _is_run(keys: list[int]) -> bool:
    first = keys[0]
    if first < 0 or keys[-1] - first >= len(keys) * 3 // 2:
        return False
    if not all(map(operator.lt, keys, islice(keys, 1, None))):
        return False
    # Of the keys up to number 2n, a third is missing when that key is first + 3n. A beginning that
    # is not counted may be sparser.
    known = islice(keys, UNCOUNTED, None, 2)
    return not any(map(operator.gt, known, count(first + UNCOUNTED * 3 // 2, 3)))


def in_order(items: Collection[Any]) -> Collection[Any]:
    """The items of a set, which has no order, in that of a run if they may be one."""
    if len(items) > UNCOUNTED and set(map(type, items)) == _INTEGERS:
        return sorted(items)
    return items
