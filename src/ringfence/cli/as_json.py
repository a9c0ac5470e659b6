"""Results and values as JSON, exactly: every value can be told from every other.

JSON has null, booleans, numbers, text, lists and objects with text as keys. A guest's value that is
one of these stands for itself (whole numbers up to 2**53 - 1, as RFC 7493 has it). Anything else is
an object with the key ``"$type"``::

    {"$type": "int", "hex": "0x…"}                {"$type": "float", "value": "nan"}
    {"$type": "bytes", "base64": "…"}             {"$type": "complex", "real": …, "imag": …}
    {"$type": "tuple", "items": […]}              also set and frozenset
    {"$type": "dict", "items": [[key, value], …]} for keys that are not text, or begin with "$"
    {"$type": "datetime", "value": "…"}           also date, time, decimal, uuid
    {"$type": "timedelta", "days": …, "seconds": …, "microseconds": …}
    {"$type": "fraction", "numerator": …, "denominator": …}
    {"$type": "ndarray", "dtype": "<f8", "shape": […], "base64": "…"}   in C order; also scalars
    {"$type": "record", "type_name": "…", "fields": {…}}
    {"$type": "opaque", "type_name": "…", "text": "…"}

The text is ASCII: control characters and all that is not ASCII are escaped, so that it is harmless
on a terminal too.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from ringfence.model import Display, Result
from ringfence_guest.protocol.values import Opaque, Record

__all__ = ["display_as_json", "dump", "result_as_json", "value_as_json"]

_EXACT = (1 << 53) - 1
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


def result_as_json(result: Result) -> dict[str, Any]:
    """A whole :class:`~ringfence.Result`, under the names of its attributes."""
    error = result.error
    return {
        "status": result.status,
        "limit": result.limit,
        "value": value_as_json(result.value),
        "stdout": result.stdout,
        "stderr": result.stderr,
        "displays": [display_as_json(display) for display in result.displays],
        "error": error
        and {"type": error.type, "message": error.message, "traceback": error.traceback},
        "usage": result.usage.as_dict(),
        "enforced": dict(result.enforced),
        "engine": result.engine,
        "walls": sorted(result.walls),
        "alive": result.alive,
        "abandoned": list(result.abandoned),
    }


def display_as_json(display: Display) -> dict[str, Any]:
    """Media type -> text, or ``{"$type": "bytes", "base64": "…"}``."""
    return {kind: value_as_json(content) for kind, content in display.data.items()}


def value_as_json(value: Any) -> Any:
    """A value that came from a guest, as this module's docstring has it."""
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if abs(value) <= _EXACT else {"$type": "int", "hex": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$type": "float", "value": repr(value)}
    if kind is list:
        return [value_as_json(item) for item in value]
    if kind is dict:
        return _dict(value)
    return _tagged(value)


def _dict(value: dict[Any, Any]) -> dict[str, Any]:
    if all(type(key) is str and not key.startswith("$") for key in value):
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
        return {"$type": _TEXT[kind], "value": text}
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
        return {"$type": "opaque", "type_name": value.type_name, "text": value.text}
    return _array(value)


def _record(value: Record) -> dict[str, Any]:
    fields: Mapping[str, Any] = value.fields
    named = {name: value_as_json(item) for name, item in fields.items()}
    return {"$type": "record", "type_name": value.type_name, "fields": named}


def _array(value: Any) -> dict[str, Any]:
    """A NumPy array or scalar: all that is left of what may cross."""
    return {
        "$type": "ndarray",
        "dtype": value.dtype.str,
        "shape": list(value.shape),
        "base64": _base64(value.tobytes()),
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
