"""What a schema asks for, in a few words that a model can act on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["expectation", "listed"]

_LONGEST = 160
_MOST = 12


def expectation(schema: Any, depth: int = 0) -> str:
    """A few words: ``integer``, ``array of string``, ``"a" or "b"``, ``object with path``."""
    if not isinstance(schema, dict):
        return "nothing" if schema is False else "a value"
    words = "a value"
    names = schema.get("type")
    if "const" in schema:
        words = listed([schema["const"]])
    elif isinstance(schema.get("enum"), list):
        words = listed(schema["enum"])
    elif isinstance(names, str | list):
        listing = [names] if isinstance(names, str) else [str(one) for one in names[:_MOST]]
        words = " or ".join(_kind(name, schema, depth) for name in listing)
    elif depth < 2:
        for keyword in ("anyOf", "oneOf"):
            choices = schema.get(keyword)
            if isinstance(choices, list) and choices:
                kinds = [expectation(one, depth + 1) for one in choices[:_MOST]]
                words = " or ".join(dict.fromkeys(kinds))
    return words[:_LONGEST]


def listed(values: Sequence[Any]) -> str:
    """The values of an enumeration, as JSON."""
    shown = [json.dumps(one, ensure_ascii=True)[:60] for one in values[:_MOST]]
    return (" or ".join(shown) + (" or …" if len(values) > _MOST else ""))[: _LONGEST * 2]


def _kind(name: str, schema: dict[str, Any], depth: int) -> str:
    if name == "array" and depth < 2 and isinstance(schema.get("items"), dict):
        return f"array of {expectation(schema['items'], depth + 1)}"
    required = schema.get("required")
    if name == "object" and isinstance(required, list) and required:
        keys = [ascii(str(one)[:40])[1:-1] for one in required[:_MOST]]
        return f"object with {', '.join(keys)}"
    return name
