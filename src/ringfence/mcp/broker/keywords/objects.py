"""Keywords of objects."""

from __future__ import annotations

from typing import Any

from ringfence.mcp.broker.expectations import expectation
from ringfence.mcp.broker.keywords.reading import count, names_of, short, table
from ringfence.mcp.broker.keywords.work import Check, Compile, Path, Work, nothing
from ringfence.mcp.broker.patterns import Patterns

__all__ = ["dependencies", "properties"]


def properties(schema: dict[str, Any], compiled: Compile, patterns: Patterns) -> list[Check]:
    """``properties``, ``patternProperties``, ``required`` and all else of single objects."""
    named = table(schema, "properties")
    matching = table(schema, "patternProperties")
    others, names = schema.get("additionalProperties"), schema.get("propertyNames")
    required = names_of(schema.get("required", []), "required")
    fewest, most = count(schema, "minProperties"), count(schema, "maxProperties")
    own_checks = {key: compiled(one) for key, one in named.items()}
    expectations = {key: expectation(one) for key, one in named.items()}
    matched = [(patterns.matcher(key), compiled(one)) for key, one in matching.items()]
    other = None if others is None else compiled(others)
    name_check = None if names is None else compiled(names)
    each = bool(own_checks or matched or other or name_check)
    if not each and not required and fewest is None and most is None:
        return []
    known = f"only {', '.join(map(short, named)) or 'no properties'}"[:300]

    def check(value: Any, path: Path, work: Work) -> None:
        if not isinstance(value, dict):
            return
        work.spend(len(value) + len(required))
        for key in required:
            if key not in value:
                work.wrong((path, key), expectations.get(key, "a value"), None, "nothing")
        if fewest is not None and len(value) < fewest:
            work.wrong(path, f"at least {fewest} properties", value)
        if most is not None and len(value) > most:
            work.wrong(path, f"at most {most} properties", value)
        if not each:
            return
        for key, one in value.items():
            inner = (path, key)
            if name_check is not None:
                name_check(key, inner, work)
            own = own_checks.get(key)
            if own is not None:
                own(one, inner, work)
            covered = own is not None
            for matches, then in matched:
                found = matches(key, work)
                covered = covered or found is not False
                if found:
                    then(one, inner, work)
            if other is not None and not covered:
                if other is nothing:
                    work.wrong(inner, known, one, "a property that is not known")
                else:
                    other(one, inner, work)

    return [check]


def dependencies(schema: dict[str, Any], compiled: Compile) -> list[Check]:
    """``dependentRequired``, ``dependentSchemas``, and ``dependencies`` of older drafts."""
    needed: list[tuple[str, list[str]]] = []
    then: list[tuple[str, Check]] = []
    for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
        for key, one in table(schema, keyword).items():
            if isinstance(one, list):
                needed.append((key, names_of(one, keyword)))
            else:
                then.append((key, compiled(one)))
    if not needed and not then:
        return []

    def check(value: Any, path: Path, work: Work) -> None:
        if not isinstance(value, dict):
            return
        for key, names in needed:
            work.spend(1 + len(names))
            for name in names if key in value else ():
                if name not in value:
                    work.wrong((path, name), f"a value, as {short(key)} has", None, "nothing")
        for key, one in then:
            if key in value:
                one(value, path, work)

    return [check]
