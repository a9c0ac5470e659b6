"""One schema made into checks: its parts, and what they refer to within it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringfence.mcp.broker.keywords.arrays import contains, items
from ringfence.mcp.broker.keywords.choices import combinations
from ringfence.mcp.broker.keywords.objects import dependencies, properties
from ringfence.mcp.broker.keywords.scalars import numbers, texts, types, values
from ringfence.mcp.broker.keywords.work import Check, SchemaRefused, all_of, anything, nothing
from ringfence.mcp.broker.patterns import Patterns

__all__ = ["Compiler"]

_OLDER = ("draft-07", "draft-06", "draft-04", "draft-03")


class Compiler:
    """One schema, each of its parts compiled once, however often it is referred to."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._checks: dict[int, Check] = {}
        self._patterns = Patterns()
        dialect = schema.get("$schema")
        self._alone = isinstance(dialect, str) and any(old in dialect for old in _OLDER)
        self._anchors: dict[str, Any] | None = None

    def root(self) -> Check:
        return self._compile(self._root)

    def _compile(self, schema: Any) -> Check:
        if schema is True:
            return anything
        if schema is False:
            return nothing
        if not isinstance(schema, dict):
            raise SchemaRefused("a part of it is neither an object nor a boolean")
        made = self._checks.get(id(schema))
        if made is None:
            # A part may refer to itself: it is found here while it is still being made.
            parts: list[Check] = []
            made = self._checks[id(schema)] = all_of(parts)
            parts.extend(self._parts(schema))
        return made

    def _parts(self, schema: dict[str, Any]) -> list[Check]:
        identity = schema.get("$id")
        if schema is not self._root and isinstance(identity, str) and identity[:1] != "#":
            raise SchemaRefused("a part of it has an $id of its own")
        parts: list[Check] = []
        if isinstance(schema.get("$ref"), str):
            parts.append(self._reference(schema["$ref"]))
            if self._alone:
                return parts
        inner, patterns = self._compile, self._patterns
        parts += types(schema)
        parts += values(schema)
        parts += numbers(schema)
        parts += texts(schema, patterns)
        parts += items(schema, inner)
        parts += contains(schema, inner)
        parts += properties(schema, inner, patterns)
        parts += dependencies(schema, inner)
        parts += combinations(schema, inner)
        return parts

    def _reference(self, reference: str) -> Check:
        return self._compile(self._target(reference))

    def _target(self, reference: str) -> Any:
        if reference in ("#", "#/"):
            return self._root
        if reference.startswith("#/"):
            from urllib.parse import unquote

            target: Any = self._root
            for part in unquote(reference[2:]).split("/"):
                key = part.replace("~1", "/").replace("~0", "~")
                if isinstance(target, list) and key.isdecimal() and int(key) < len(target):
                    target = target[int(key)]
                elif isinstance(target, dict) and key in target:
                    target = target[key]
                else:
                    raise SchemaRefused(f"it has nothing at {reference[:80]!a}")
            return target
        if self._anchors is None:
            self._anchors = _anchors(self._root)
        if reference[1:] not in self._anchors:
            raise SchemaRefused(f"it has no anchor {reference[:80]!a}")
        return self._anchors[reference[1:]]


def _anchors(root: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            for keyword in ("$anchor", "$dynamicAnchor", "$id", "id"):
                name = node.get(keyword)
                if isinstance(name, str):
                    found.setdefault(name.removeprefix("#"), node)
            waiting.extend(node.values())
    return found
