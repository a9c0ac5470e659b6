"""Checks of ``A | B``: one of several, without guessing twice.

The type of a value says which members of the union stand a chance. Among classes that are built
from mappings, a ``Literal`` field says it, or the names of the fields do. Where more than one
member is left they are tried in order. A recursive type whose members can only be told apart by
trying is refused: a guest could nest a value so that every level is tried twice, and 64 levels of
that would take longer than the host will live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.runtime.checks.check import Check, Fields, Mismatch
from ringfence_guest.protocol.values import Record

__all__ = ["alias", "finish_union", "union"]

Refuse = Callable[[str], ConfigurationError]
_MAPPINGS = (dict, Record)


def union(members: tuple[Check, ...]) -> Check:
    """``A | B | …``. :func:`finish_union` must be called once every member is built."""
    text = " | ".join(member.text for member in members)
    return Check(text, children=members, passes_through=True)


def alias(name: str) -> Check:
    """A reference to a type that is being built; its ``children`` are set when it is."""
    reference = Check(name, passes_through=True)

    def run(value: Any) -> Any:
        return reference.children[0].run(value)

    reference.run = run
    return reference


def finish_union(check: Check, refuse: Refuse) -> None:
    """Decide which member is asked for which type of value, and refuse what cannot be decided."""
    members = check.children
    table = _by_type(members, refuse)
    choosers: dict[type, Callable[[Any], Any]] = {}
    for kind, found in table.items():
        if len(found) == 1:
            choosers[kind] = found[0].run
            continue
        tag = _common_tag(found) if kind in _MAPPINGS else None
        if tag is not None:
            choosers[kind] = _choose_by_tag(check.text, tag, found)
            continue
        _refuse_exponential(check, kind, found, refuse)
        choosers[kind] = _try_each(check.text, found, by_fields=kind in _MAPPINGS)
    others = _try_each(check.text, members, by_fields=False)

    def run(value: Any) -> Any:
        return choosers.get(type(value), others)(value)

    check.run = run
    check.types = _types_of(check, refuse, ())
    check.same = frozenset(
        kind for kind, found in table.items() if len(found) == 1 and kind in found[0].same
    )


def _types_of(check: Check, refuse: Refuse, inside: tuple[Check, ...]) -> frozenset[type] | None:
    """The types that ``check`` accepts, also where it refers to an unfinished union."""
    if not check.passes_through:
        return check.types
    if check in inside:
        raise refuse(f"{check.text} refers to itself with nothing in between")
    found: frozenset[type] = frozenset()
    for child in check.children:
        types = _types_of(child, refuse, (*inside, check))
        if types is None:
            return None
        found |= types
    return found


def _by_type(members: Sequence[Check], refuse: Refuse) -> dict[type, list[Check]]:
    table: dict[type, list[Check]] = {}
    rest: list[Check] = []
    for member in members:
        types = _types_of(member, refuse, ())
        if types is None:
            rest.append(member)
        for kind in types or ():
            table.setdefault(kind, []).append(member)
    for member in members:
        for kind in member.widened - table.keys():
            table[kind] = [member]
    return {kind: found + rest for kind, found in table.items()}


def _try_each(text: str, members: Sequence[Check], *, by_fields: bool) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        candidates = members
        if by_fields:
            names = (value if type(value) is dict else value.fields).keys()
            candidates = [c for c in members if c.fields is None or _fits(c.fields, names)]
            if len(candidates) == 1:
                return candidates[0].run(value)
        for candidate in candidates:
            try:
                return candidate.run(value)
            except Mismatch:
                continue
        raise Mismatch(text, value)

    return run


def _fits(fields: Fields, names: Any) -> bool:
    return bool(names <= fields.checks.keys() and fields.required <= names)


def _common_tag(members: Sequence[Check]) -> str | None:
    """The field whose value tells all of ``members`` apart, if there is one."""
    tags = [member.fields.tags for member in members if member.fields is not None]
    if len(tags) != len(members):
        return None
    for name in tags[0]:
        values = [tag[name] for tag in tags if name in tag]
        if len(values) == len(tags) and len(set().union(*values)) == sum(map(len, values)):
            return name
    return None


def _choose_by_tag(text: str, name: str, members: Iterable[Check]) -> Callable[[Any], Any]:
    table: dict[tuple[type, object], Check] = {}
    for member in members:
        if member.fields is not None:
            table.update(dict.fromkeys(member.fields.tags[name], member))
    types = frozenset(kind for kind, _ in table)
    expected = f"one of {', '.join(repr(value) for _, value in table)} (for {text})"

    def run(value: Any) -> Any:
        fields = value if type(value) is dict else value.fields
        if name not in fields:
            mismatch = Mismatch(expected, got="nothing")
        else:
            tag = fields[name]
            if type(tag) in types and (type(tag), tag) in table:
                return table[type(tag), tag].run(value)
            mismatch = Mismatch(expected, tag)
        mismatch.path.append(f".{name}")
        raise mismatch

    return run


def _refuse_exponential(check: Check, kind: type, found: Sequence[Check], refuse: Refuse) -> None:
    for one, other in combinations(found, 2):
        if kind in _MAPPINGS and _told_apart(one.fields, other.fields):
            continue
        if _reaches(one, check) or _reaches(other, check):
            raise refuse(
                f"{one.text} and {other.text} look alike in {check.text}, which contains itself, "
                f"so a deeply nested value would be tried over and over; give them required "
                f"fields of different names, or a Literal field that tells them apart"
            )


def _told_apart(one: Fields | None, other: Fields | None) -> bool:
    """Whether no set of field names fits both."""
    if one is None or other is None:
        return False
    common = one.checks.keys() & other.checks.keys()
    return not (one.required | other.required) <= common


def _reaches(start: Check, target: Check) -> bool:
    seen: set[int] = set()
    todo = [start]
    while todo:
        check = todo.pop()
        if check is target:
            return True
        if id(check) not in seen:
            seen.add(id(check))
            todo += check.children
    return False
