"""Results and values as JSON, exactly: every value can be told from every other.

JSON has null, booleans, numbers, text, lists and objects with text as keys. A guest's value that is
one of these stands for itself (whole numbers up to 2**53 - 1, as RFC 7493 has it; text without
surrogates). Anything else is an object with the key ``"$type"``::

    {"$type": "int", "hex": "0x…"}                {"$type": "float", "value": "nan"}
    {"$type": "str", "base64": "…"}               text with surrogates, as WTF-8
    {"$type": "bytes", "base64": "…"}             {"$type": "complex", "real": …, "imag": …}
    {"$type": "tuple", "items": […]}              also set and frozenset
    {"$type": "dict", "items": [[key, value], …]} for keys that are not text, or begin with "$"
    {"$type": "datetime", "value": "…"}           also date, time, decimal, uuid; and "fold": 1
    {"$type": "timedelta", "days": …, "seconds": …, "microseconds": …}
    {"$type": "fraction", "numerator": …, "denominator": …}
    {"$type": "ndarray", "dtype": "<f8", "shape": […], "base64": "…"}   in C order
    {"$type": "scalar", "dtype": "<f8", "base64": "…"}                  of NumPy's
    {"$type": "record", "type_name": "…", "fields": {…}}
    {"$type": "opaque", "type_name": "…", "text": "…"}

The text is ASCII: control characters and all that is not ASCII are escaped, so that it is harmless
on a terminal too. :mod:`.from_json` is the way back.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from ringfence.model.result import GuestErrorInfo, Result
from ringfence_guest.protocol.report import Display
from ringfence_guest.protocol.values import Opaque, Record

__all__ = ["display_as_json", "dump", "packed", "result_as_json", "value_as_json"]

_EXACT = (1 << 53) - 1
_SURROGATE = re.compile("[\ud800-\udfff]")
_TEXT: Mapping[type, str] = {
    datetime: "datetime",
    date: "date",
    time: "time",
    Decimal: "decimal",
    UUID: "uuid",
}
_ITEMS: Mapping[type, str] = {tuple: "tuple", set: "set", frozenset: "frozenset"}


def dump(data: object) -> str:
    """``data`` as ASCII text that ends in a line end."""
    return json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def packed(data: object) -> bytes:
    """The same, without the spaces: what goes over a network."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def result_as_json(result: Result) -> dict[str, Any]:
    """A whole :class:`~ringfence.Result`, under the names of its attributes."""
    error = result.error
    return {
        "status": result.status,
        "limit": result.limit,
        "value": value_as_json(result.value),
        "stdout": value_as_json(result.stdout),
        "stderr": value_as_json(result.stderr),
        "displays": [display_as_json(display) for display in result.displays],
        "error": error and _error(error),
        "usage": result.usage.as_dict(),
        "enforced": dict(result.enforced),
        "engine": result.engine,
        "walls": sorted(result.walls),
        "alive": result.alive,
        "abandoned": list(result.abandoned),
    }


def _error(error: GuestErrorInfo) -> dict[str, Any]:
    told = {"type": error.type, "message": error.message, "traceback": error.traceback}
    return {name: value_as_json(text) for name, text in told.items()}


def display_as_json(display: Display) -> dict[str, Any]:
    """Media type -> text, or ``{"$type": "bytes", "base64": "…"}``."""
    return {kind: value_as_json(content) for kind, content in display.data.items()}


def value_as_json(value: Any) -> Any:
    """A value that came from a guest, as this module's docstring has it."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        # JSON would join two of them into one character, and UTF-8 has none of them.
        return _surrogates(value) if _SURROGATE.search(value) else value
    if kind is int:
        return value if abs(value) <= _EXACT else {"$type": "int", "hex": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$type": "float", "value": repr(value)}
    if kind is list:
        return [value_as_json(item) for item in value]
    if kind is dict:
        return _dict(value)
    return _tagged(value)


def _surrogates(text: str) -> dict[str, Any]:
    return {"$type": "str", "base64": _base64(text.encode("utf-8", "surrogatepass"))}


def _is_name(key: Any) -> bool:
    return type(key) is str and not key.startswith("$") and not _SURROGATE.search(key)


def _dict(value: dict[Any, Any]) -> dict[str, Any]:
    if all(map(_is_name, value)):
        return {key: value_as_json(item) for key, item in value.items()}
    pairs = [[value_as_json(key), value_as_json(item)] for key, item in value.items()]
    return {"$type": "dict", "items": pairs}


def _tagged(value: Any) -> dict[str, Any]:
    kind = type(value)
    if kind is bytes:
        return {"$type": "bytes", "base64": _base64(value)}
    if kind in _ITEMS:
        return {"$type": _ITEMS[kind], "items": [value_as_json(item) for item in value]}
    if kind in _TEXT:
        text = str(value) if kind in (Decimal, UUID) else value.isoformat()
        fold = {"fold": 1} if kind is datetime and value.fold else {}
        return {"$type": _TEXT[kind], "value": text, **fold}
    if kind is complex:
        parts = {"real": value_as_json(value.real), "imag": value_as_json(value.imag)}
        return {"$type": "complex", **parts}
    if kind is timedelta:
        parts = {"days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}
        return {"$type": "timedelta", **parts}
    if kind is Fraction:
        numerator, denominator = map(value_as_json, (value.numerator, value.denominator))
        return {"$type": "fraction", "numerator": numerator, "denominator": denominator}
    if kind is Record:
        return _record(value)
    if kind is Opaque:
        name, text = value_as_json(value.type_name), value_as_json(value.text)
        return {"$type": "opaque", "type_name": name, "text": text}
    return _array(value)


def _record(value: Record) -> dict[str, Any]:
    fields: Mapping[str, Any] = value.fields
    name = value_as_json(value.type_name)
    return {"$type": "record", "type_name": name, "fields": _dict(dict(fields))}


def _array(value: Any) -> dict[str, Any]:
    """A NumPy array or scalar: all that is left of what may cross."""
    data = {"base64": _base64(value.tobytes())}
    if not hasattr(value, "__setitem__"):  # NumPy is not imported for a question like this
        return {"$type": "scalar", "dtype": value.dtype.str, **data}
    return {"$type": "ndarray", "dtype": value.dtype.str, "shape": list(value.shape), **data}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
