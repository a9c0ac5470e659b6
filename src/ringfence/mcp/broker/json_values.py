"""JSON values as they pass between guests and servers: plain, finite, of bounded depth and size."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from ringfence.errors import FieldProblem

__all__ = [
    "DEEPEST",
    "NotJson",
    "Plain",
    "digest",
    "plain",
    "shown",
    "texts_replaced",
    "type_of",
    "written",
]

DEEPEST = 60
_MOST_VALUES = 250_000
_MOST_BITS = 1_024
_SHOWN = 80


class NotJson(Exception):
    """A value that JSON does not have, or too much of it; ``problem`` says where."""

    def __init__(self, problem: FieldProblem) -> None:
        super().__init__(problem)
        self.problem = problem


class Plain(NamedTuple):
    """A copy of a value, of plain types only.

    Attributes:
        value: the copy.
        values: how many values are in it.
        size: bytes of it, about as many as it has as JSON.
    """

    value: Any
    values: int
    size: int


_Path: TypeAlias = "tuple[_Path, str | int] | None"


def plain(value: object, where: str, most_bytes: int) -> Plain:
    """A copy of lists, dicts, texts, numbers, booleans and None; tuples become lists.

    Args:
        value: what a guest or a server gave.
        where: what it is called in a problem, ``arguments``.
        most_bytes: of text in it, about as much as it is as JSON.

    Raises:
        NotJson: something else is in it, or it is too deep, too large, or of too many values.
    """
    left = [most_bytes, _MOST_VALUES]

    def wrong(path: _Path, expected: str, got: str) -> NotJson:
        return NotJson(FieldProblem(written(where, path), expected, got))

    def copy(one: object, path: _Path, depth: int) -> Any:
        left[1] -= 1
        if left[1] < 0:
            raise wrong(None, f"at most {_MOST_VALUES:,} values", "more")
        if depth > DEEPEST:
            raise wrong(None, f"at most {DEEPEST} levels", "more")
        size = 4
        done: Any = one
        if isinstance(one, str):
            size = len(one) + 2
            if not one.isascii():
                try:
                    size = len(one.encode()) + 2
                except UnicodeEncodeError:
                    raise wrong(path, "text", "half of a surrogate") from None
            done = str(one)
        elif one is None or isinstance(one, bool):
            pass
        elif isinstance(one, int):
            if one.bit_length() > _MOST_BITS:
                raise wrong(path, f"at most {_MOST_BITS} bits", "a larger integer")
            size, done = 4 + one.bit_length() // 3, int(one)
        elif isinstance(one, float):
            if not math.isfinite(one):
                raise wrong(path, "a JSON number", str(float(one)))
            size, done = 12, float(one)
        elif isinstance(one, list | tuple):
            done = [copy(item, (path, n), depth + 1) for n, item in enumerate(one)]
        elif isinstance(one, Mapping):
            done = {}
            for key, item in one.items():
                if not isinstance(key, str):
                    raise wrong(path, "names that are text", shown(key))
                name = copy(key, path, depth + 1)
                done[name] = copy(item, (path, name), depth + 1)
        else:
            raise wrong(path, "a JSON value", type(one).__name__[:_SHOWN])
        left[0] -= size
        if left[0] < 0:
            raise wrong(None, f"at most {most_bytes:,} bytes", "more")
        return done

    made = copy(value, None, 0)
    return Plain(made, _MOST_VALUES - left[1], most_bytes - left[0])


def texts_replaced(value: Any, change: Callable[[str], str]) -> Any:
    """A plain value with each text in it changed, those of names too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [texts_replaced(one, change) for one in value]
    if isinstance(value, dict):
        return {change(key): texts_replaced(one, change) for key, one in value.items()}
    return value


def written(where: str, path: _Path) -> str:
    """A place in a value: ``arguments.rows[3]``. Keys are a guest's or a server's, and escaped."""
    parts: list[str] = []
    while path is not None:
        path, key = path
        parts.append(f"[{key}]" if isinstance(key, int) else f".{ascii(key[:_SHOWN])[1:-1]}")
    return where + "".join(reversed(parts))


def type_of(value: object) -> str:
    """What JSON calls the type of a plain value; a whole float is a number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for kinds, name in (
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ):
        if isinstance(value, kinds):
            return name
    return type(value).__name__[:_SHOWN]


def shown(value: object) -> str:
    """A few words about a value: its type, and a little of it where that is short."""
    kind = type_of(value)
    if isinstance(value, str):
        return f"string {value[:_SHOWN]!a}{'…' if len(value) > _SHOWN else ''}"
    if isinstance(value, list):
        return f"array of {len(value)}"
    if isinstance(value, dict):
        names = ", ".join(ascii(key[:20])[1:-1] for key in list(value)[:6])
        return f"object ({names}{', …' if len(value) > 6 else ''})"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return f"{kind} {value}" if isinstance(value, float) or abs(value) < 10**30 else kind
    return kind


def digest(value: object) -> str:
    """SHA-256 of a plain value as JSON: names in order, no spaces, everything in ASCII."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
