"""All rules, and what looks for them, as data."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType

from ringfence.plugins.analysis.context import Handler
from ringfence.plugins.analysis.families import (
    capabilities,
    dynamic_code,
    exhaustion,
    imports,
    reflection,
    serialising,
    tampering,
    text,
    walking,
)
from ringfence.plugins.analysis.rule import Rule

__all__ = ["FAMILIES", "HANDLERS", "RULES"]

FAMILIES = (
    imports.FAMILY,
    dynamic_code.FAMILY,
    reflection.FAMILY,
    walking.FAMILY,
    serialising.FAMILY,
    tampering.FAMILY,
    capabilities.FAMILY,
    text.FAMILY,
    exhaustion.FAMILY,
)

RULES: Mapping[str, Rule] = MappingProxyType(
    dict(sorted((rule.id, rule) for family in FAMILIES for rule in family.rules))
)
"""Id -> rule, by id."""


def _handlers() -> Mapping[type[ast.AST], tuple[Handler, ...]]:
    found: dict[type[ast.AST], tuple[Handler, ...]] = {}
    for family in FAMILIES:
        for kind, handlers in family.nodes.items():
            found[kind] = (*found.get(kind, ()), *handlers)
    return MappingProxyType(found)


HANDLERS = _handlers()
"""Type of node -> what looks at it."""
