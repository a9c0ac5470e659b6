"""Whether two values of a hook are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["is_same"]


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same, bit for bit: NaN is itself, and 0.0 is not -0.0."""
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
    if isinstance(one, Mapping):
        return [*one] == [*other] and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, list(other)))
    same: bool = one == other
    return same
