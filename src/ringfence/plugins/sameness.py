"""Whether two values of a hook are the same."""

from __future__ import annotations

import dataclasses
import decimal
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["is_same"]


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same, bit for bit: NaN is itself, and 0.0 is not -0.0.

    Args:
        one: a value that has crossed, and was checked.
        other: another.
    """
    if type(one) is not type(other):
        return False
    if hasattr(one, "dtype") and hasattr(one, "tobytes"):
        return bool(
            one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, float):
        return bool(one.hex() == other.hex())
    if isinstance(one, complex):
        return is_same((one.real, one.imag), (other.real, other.imag))
    if isinstance(one, decimal.Decimal):
        return bool(one.as_tuple() == other.as_tuple())
    if isinstance(one, Mapping):
        return [*one] == [*other] and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, list(other)))
    fields = _fields(one)
    if fields is not None:
        return all(is_same(getattr(one, name), getattr(other, name)) for name in fields)
    same: bool = one == other
    return same


def _fields(value: Any) -> Sequence[str] | None:
    """The fields of an object of a declared class; None for what has none."""
    if dataclasses.is_dataclass(value):
        return [field.name for field in dataclasses.fields(value)]
    described = getattr(type(value), "model_fields", None)  # pydantic's
    return [*described] if isinstance(described, Mapping) else None
