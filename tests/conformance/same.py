"""Equality that is not fooled: types, NaN, signs of zero, folds and array dtypes count."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

__all__ = ["same"]


def same(one: Any, other: Any) -> bool:
    """Whether two values are of the same types throughout, and equal."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or (one == other and math.copysign(1, one) == math.copysign(1, other))
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, decimal.Decimal):
        return bool(one.as_tuple() == other.as_tuple())
    if isinstance(one, datetime.datetime | datetime.time):
        return bool(
            one == other and one.fold == other.fold and one.utcoffset() == other.utcoffset()
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, set | frozenset):
        return same(sorted(one, key=repr), sorted(other, key=repr))
    return bool(one == other)
