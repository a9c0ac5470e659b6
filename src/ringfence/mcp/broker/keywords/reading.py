"""Parts of a schema as they have to be, or it is refused."""

from __future__ import annotations

from typing import Any

from ringfence.mcp.broker.keywords.work import SchemaRefused

__all__ = ["count", "names_of", "sequence", "short", "table"]


def count(schema: dict[str, Any], keyword: str) -> int | None:
    """A whole number that is not negative; None if there is none."""
    value = schema.get(keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value % 1:
        raise SchemaRefused(f"{keyword}: a whole number")
    return int(value)


def table(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    """An object; empty if there is none."""
    value = schema.get(keyword, {})
    if not isinstance(value, dict):
        raise SchemaRefused(f"{keyword}: an object")
    return value


def sequence(schema: dict[str, Any], keyword: str) -> list[Any]:
    """A list; empty if there is none."""
    value = schema.get(keyword, [])
    if not isinstance(value, list):
        raise SchemaRefused(f"{keyword}: a list")
    return value


def names_of(value: Any, keyword: str) -> list[str]:
    """A list of texts."""
    if isinstance(value, bool) and keyword == "required":  # draft-03 wrote it so
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SchemaRefused(f"{keyword}: a list of texts")
    return value


def short(name: str) -> str:
    """A name for a problem, bounded and in ASCII."""
    return ascii(name[:40])[1:-1]
