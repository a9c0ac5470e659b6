"""Checks of containers. A list is a list: nothing is turned into another kind of container."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from ringfence.runtime.checks.check import Check, Mismatch, bounded, describe

__all__ = ["fixed_tuple", "items_of", "mapping_of"]

_MAX_KEY = 40
_UNORDERED = (set, frozenset)


def items_of(kinds: tuple[type, ...], item: Check, text: str) -> Check:
    """A container of any length, of one of ``kinds``, whose items all match ``item``."""
    accepted = frozenset(kinds)

    def run(value: Any) -> Any:
        if type(value) not in accepted:
            value = _base(value, kinds, text)(value)
        kind = type(value)
        if item.anything or not value:
            return value
        if item.same:
            found = set(map(type, value))
            if found <= item.same:
                return value
            if item.convert is not None and found <= item.same | item.widened:
                with contextlib.suppress(OverflowError):
                    converted = kind(map(item.convert, value))
                    if len(converted) == len(value):
                        return converted
        check = item.run
        checked: list[Any] = []
        keep = checked.append
        try:
            for entry in value:
                keep(check(entry))
        except Mismatch as mismatch:
            mismatch.path.append("{item}" if kind in _UNORDERED else f"[{len(checked)}]")
            raise
        if kind is list:
            return checked
        result = kind(checked)
        if len(result) != len(checked):
            raise Mismatch(f"{text} whose items stay distinct", value)
        return result

    return Check(text, run, types=accepted, children=(item,))


def fixed_tuple(items: tuple[Check, ...], text: str) -> Check:
    """``tuple[int, str]``: so many items, each with its own check."""
    count = len(items)

    def run(value: Any) -> Any:
        if type(value) is not tuple:
            value = _base(value, (tuple,), text)(value)
        if len(value) != count:
            raise Mismatch(text, value)
        checked: list[Any] = []
        try:
            for item, entry in zip(items, value, strict=True):
                checked.append(item.run(entry))
        except Mismatch as mismatch:
            mismatch.path.append(f"[{len(checked)}]")
            raise
        return tuple(checked)

    return Check(text, run, types=frozenset({tuple}), children=items)


def mapping_of(key: Check, item: Check, text: str) -> Check:
    """``dict[K, V]``, of any size."""

    def run(value: Any) -> Any:
        if type(value) is not dict:
            value = _base(value, (dict,), text)(value)
        if _all_pass(key, value) and _all_pass(item, value.values()):
            return value
        check_key, check_item = key.run, item.run
        checked: dict[Any, Any] = {}
        for name, entry in value.items():
            try:
                new_name = check_key(name)
            except Mismatch as mismatch:
                mismatch.path.append("{key}")
                raise
            try:
                checked[new_name] = check_item(entry)
            except Mismatch as mismatch:
                mismatch.path.append(f"[{_key(name)}]")
                raise
        if len(checked) != len(value):
            raise Mismatch(f"{text} whose keys stay distinct", value)
        return checked

    return Check(text, run, types=frozenset({dict}), children=(key, item))


def _all_pass(item: Check, values: Any) -> bool:
    return item.anything or (bool(item.same) and set(map(type, values)) <= item.same)


def _base(value: object, kinds: tuple[type, ...], text: str) -> Callable[[Any], Any]:
    """The one of ``kinds`` that the type of ``value`` derives from: a host may return a Counter."""
    for kind in kinds:
        if isinstance(value, kind):
            return kind
    raise Mismatch(text, value)


def _key(name: object) -> str:
    return bounded(repr(name[:_MAX_KEY]), _MAX_KEY) if type(name) is str else describe(name)
