"""Values that are plain: what Python's own computing gives, and back."""

from __future__ import annotations

from typing import Any

from ringfence.plugins.analysis.values import ASSEMBLED, Const, Sequence, Value, Values

__all__ = ["MOST_ELEMENTS", "MOST_VALUES", "NOT_PLAIN", "distinct", "plain", "plain_of", "wrapped"]

MOST_VALUES = 8
"""Values that are followed of one expression."""

MOST_ELEMENTS = 4_096
"""Elements that are followed of one sequence."""

NOT_PLAIN = object()


def plain(value: Value) -> Any:
    """The Python value of a plain one, sequences as tuples; ``NOT_PLAIN`` else."""
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Sequence):
        items = []
        for item in value.items:
            if len(item) != 1 or (one := plain(item[0])) is NOT_PLAIN:
                return NOT_PLAIN
            items.append(one)
        return tuple(items)
    return NOT_PLAIN


def wrapped(value: Any, *, assembled: bool) -> Value:
    """The inverse of :func:`plain`."""
    if isinstance(value, tuple):
        if len(value) > MOST_ELEMENTS:
            return ASSEMBLED
        return Sequence(tuple((wrapped(one, assembled=assembled),) for one in value))
    return Const(value, assembled)


def plain_of(values: Values) -> Any:
    """The plain value of the only one there is; ``NOT_PLAIN`` else."""
    return plain(values[0]) if len(values) == 1 else NOT_PLAIN


def distinct(values: Values) -> Values:
    """Each of them once, at most :data:`MOST_VALUES`."""
    if len(values) < 2:
        return values
    found: list[Value] = []
    for one in values:
        if one not in found:
            found.append(one)
            if len(found) >= MOST_VALUES:
                break
    return tuple(found)
