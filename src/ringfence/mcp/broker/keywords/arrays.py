"""Keywords of arrays."""

from __future__ import annotations

from typing import Any

from ringfence.mcp.broker.expectations import expectation
from ringfence.mcp.broker.keywords.equality import equal
from ringfence.mcp.broker.keywords.reading import count
from ringfence.mcp.broker.keywords.work import Check, Compile, Path, SchemaRefused, Work

__all__ = ["contains", "items"]


def items(schema: dict[str, Any], compiled: Compile) -> list[Check]:
    """``items``, ``prefixItems``, ``minItems``, ``maxItems``, ``uniqueItems``."""
    first, rest = schema.get("prefixItems"), schema.get("items")
    if isinstance(rest, list):  # draft 2019-09 and before
        first, rest = rest, schema.get("additionalItems")
    if first is not None and not isinstance(first, list):
        raise SchemaRefused("prefixItems: a list")
    heads = [compiled(one) for one in first or ()]
    tail = None if rest is None else compiled(rest)
    fewest, most = count(schema, "minItems"), count(schema, "maxItems")
    unique = schema.get("uniqueItems") is True
    if not heads and tail is None and fewest is None and most is None and not unique:
        return []

    def check(value: Any, path: Path, work: Work) -> None:
        if not isinstance(value, list):
            return
        if fewest is not None and len(value) < fewest:
            work.wrong(path, f"at least {fewest} items", value)
        if most is not None and len(value) > most:
            work.wrong(path, f"at most {most} items", value)
        for number, (one, head) in enumerate(zip(value, heads, strict=False)):
            head(one, (path, number), work)
        if tail is not None:
            for number in range(len(heads), len(value)):
                tail(value[number], (path, number), work)
        if unique:
            seen = set()
            for number, one in enumerate(value):
                key = equal(one, work)
                if key in seen:
                    work.wrong((path, number), "an item that is not there before", one)
                    break
                seen.add(key)

    return [check]


def contains(schema: dict[str, Any], compiled: Compile) -> list[Check]:
    """``contains`` and its counts."""
    if "contains" not in schema:
        return []
    wanted = compiled(schema["contains"])
    fewest, most = count(schema, "minContains"), count(schema, "maxContains")
    least = 1 if fewest is None else fewest
    expected = expectation(schema["contains"])

    def check(value: Any, path: Path, work: Work) -> None:
        if not isinstance(value, list):
            return
        found = sum(
            work.tried(wanted, one, (path, number)) is None for number, one in enumerate(value)
        )
        if found < least or (most is not None and found > most):
            bound = f"at least {least}" if found < least else f"at most {most}"
            work.wrong(path, f"{bound} items that are: {expected}", value, f"{found}")

    return [check]
