"""When two JSON values are one: for ``enum``, ``const`` and ``uniqueItems``."""

from __future__ import annotations

from typing import Any

from ringfence.mcp.broker.keywords.work import Work

__all__ = ["equal"]


def equal(value: Any, work: Work | None = None) -> Any:
    """Something that is equal where JSON says that values are: 1 is 1.0, and true is not 1.

    Numbers become texts. Python's hashes of numbers are known to everybody, and those of texts are
    not: a guest could give thousands that all meet in one place of a set.
    """
    if work is not None:
        work.spend(1)
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, float) and not value.is_integer():
        return ("number", value.hex())
    if isinstance(value, int | float):
        return ("number", f"{int(value):x}")
    if isinstance(value, list):
        return ("array", *(equal(one, work) for one in value))
    if isinstance(value, dict):
        return ("object", frozenset((key, equal(one, work)) for key, one in value.items()))
    return value
