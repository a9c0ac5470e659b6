"""Small values that JSON writes as Python does: most arguments and results are no more."""

from __future__ import annotations

from math import isfinite

from ringfence_guest.protocol.wire import INLINE_TEXT, INT64

__all__ = ["is_plain"]

_FEW = 16
_DEPTH = 4


def is_plain(value: object, depth: int = _DEPTH) -> bool:
    """Whether a value is a scalar, or a short list of such values, that stands for itself in a
    body. False says nothing: longer ones may be as plain, and are not looked through twice.
    """
    if type(value) is list:
        if len(value) > _FEW or not depth:
            return False
        depth -= 1
        for item in value:
            if type(item) is int:  # a call for each would cost more than what it finds out
                if not -INT64 <= item < INT64:
                    return False
            elif item is not None and not is_plain(item, depth):
                return False
        return True
    if type(value) is int:
        return -INT64 <= value < INT64
    if type(value) is str:
        return len(value) <= INLINE_TEXT and value.isascii()
    if type(value) is float:
        return isfinite(value)
    return value is None or type(value) is bool
