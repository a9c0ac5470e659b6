"""Values and results from JSON: the way back of :mod:`.as_json`, which never trusts what it reads.

What another process sent is written again in the form of the protocol and decoded there, by the one
decoder that reads values of guests: its bounds on size, depth, digits, exponents, dtypes and keys
made to collide hold here too, and no class is ever chosen by the sender.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, get_args

from ringfence.model.result import GuestErrorInfo, Result, Status
from ringfence.model.usage import Usage
from ringfence_guest.protocol.codec import DecodeError, decode
from ringfence_guest.protocol.json_text import dumps
from ringfence_guest.protocol.report import Display
from ringfence_guest.protocol.values import MAX_BIG_INT_BYTES, MAX_DEPTH
from ringfence_guest.protocol.wire import BRACKET_COST, COMMA_COST, INLINE_TEXT, INT64

__all__ = [
    "MalformedJSON",
    "display_from_json",
    "parsed",
    "result_from_json",
    "value_from_json",
]

_MAX_DIGITS = 4_300
_MAX_LABEL = 1_000
_EXPANDED = 2  # text in JSON takes up to six characters for one, in memory up to four bytes


class MalformedJSON(ValueError):
    """Text that is no JSON of ours, or more than may come.

    Attributes:
        where: what is wrong, by its place; empty for the whole.
        reason: what is wrong with it; quotes nothing at length.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" if self.where else self.reason


# --- text ------------------------------------------------------------------------------------

_ZEROS = bytes(ord("0") if chr(b).isdigit() else ord(" ") for b in range(128)) + b" " * 128
_LONG_RUN = b"0" * (_MAX_DIGITS + 1)


def parsed(text: bytes, *, limit: int) -> Any:
    """What JSON text says; nothing of it is looked at.

    Args:
        text: UTF-8, of a sender that nobody trusts.
        limit: bytes, of the text and of what is made of it as far as its brackets and commas tell.

    Raises:
        MalformedJSON: it is no JSON, is too large, nested too deep, has a number of thousands of
            digits, a name twice in one object, or NaN.
    """
    if len(text) > limit:
        raise MalformedJSON("", f"{len(text)} bytes of JSON; at most {limit}")
    brackets = text.count(b"[") + text.count(b"{")
    if brackets * BRACKET_COST + text.count(b",") * COMMA_COST > _EXPANDED * limit:
        # A value of many small parts takes more than its text; commas in text count too, which
        # leaves room for prose.
        raise MalformedJSON("", "JSON of too many parts")
    # Digits in text do no harm; only where there are so many is every number looked at.
    counted = len(text) > _MAX_DIGITS and _LONG_RUN in text.translate(_ZEROS)
    try:
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer if counted else None,
        )
    except MalformedJSON:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedJSON("", f"no JSON ({type(error).__name__})") from None


def _integer(digits: str) -> int:
    """Reading one takes quadratic time where the host has lifted CPython's own limit."""
    if len(digits) > _MAX_DIGITS:
        raise MalformedJSON("", f"a number of more than {_MAX_DIGITS} digits")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise MalformedJSON("", "an object that has a name twice")
    return made


def _constant(name: str) -> Any:
    raise MalformedJSON("", f"{name}, which JSON does not have")


# --- values ----------------------------------------------------------------------------------


def value_from_json(data: Any, *, limit: int, where: str = "value") -> Any:
    """The value that :func:`~.as_json.value_as_json` made ``data`` of.

    Args:
        data: of a JSON parser.
        limit: bytes, as the ``value`` limit counts them.
        where: names it in an error.

    Raises:
        MalformedJSON: it is not exactly a value that crosses, within the limit.
    """
    if data is None or data is True or data is False:
        return data
    rewriting = _Rewriting(limit)
    try:
        body = dumps(rewriting.value(data, 0)).encode("ascii")
        return decode(body, bytearray().join(rewriting.blob), limit=limit)
    except DecodeError as error:
        raise MalformedJSON(where, str(error)) from None


class _Rewriting:
    """``data`` in the protocol's form: a body, and the bytes that it refers to in order."""

    __slots__ = ("blob", "limit", "size")

    def __init__(self, limit: int) -> None:
        self.blob: list[bytes] = []
        self.size = 0
        self.limit = limit

    def take(self, data: bytes) -> int:
        self.size += len(data)
        if self.size > self.limit:
            raise DecodeError(f"a value larger than the limit of {self.limit} bytes")
        self.blob.append(data)
        return len(data)

    def value(self, data: Any, depth: int) -> Any:
        kind = type(data)
        if data is None or kind is bool:
            return data
        if kind is str:
            return self.text(data)
        if kind is int:
            return self.integer(data)
        if kind is float:
            if not math.isfinite(data):
                raise DecodeError("a number that is out of range")
            return data
        if depth >= MAX_DEPTH:
            raise DecodeError(f"a value nested deeper than {MAX_DEPTH}")
        if kind is list:
            return [self.value(item, depth + 1) for item in data]
        if kind is not dict:
            raise DecodeError(f"no JSON, but a {kind.__name__}")
        if "$type" in data:
            return self.tagged(data, depth)
        return {"dict": self.flat(data, depth)}

    def text(self, text: str) -> Any:
        if len(text) <= INLINE_TEXT:
            return text
        return {"str": self.take(text.encode("utf-8", "surrogatepass"))}

    def integer(self, number: int) -> Any:
        if -INT64 <= number < INT64:
            return number
        size = number.bit_length() // 8 + 1
        if size > MAX_BIG_INT_BYTES:
            raise DecodeError("an integer that is too long")
        return {"int": self.take(number.to_bytes(size, "little", signed=True))}

    def items(self, items: Iterable[Any], depth: int) -> list[Any]:
        return [self.value(item, depth + 1) for item in items]

    def flat(self, data: Mapping[str, Any], depth: int) -> list[Any]:
        flat: list[Any] = []
        for name, item in data.items():
            if type(name) is not str or name.startswith("$"):
                raise DecodeError('an object with a name that begins with "$"')
            flat += (self.text(name), self.value(item, depth + 1))
        return flat

    def tagged(self, data: dict[str, Any], depth: int) -> Any:
        tag = data["$type"]
        found = _TAGGED.get(tag) if type(tag) is str else None
        if found is None:
            raise DecodeError('an object whose "$type" is none')
        names, rewrite = found
        expected = {"$type", *names}
        if data.keys() - _OPTIONAL.get(tag, _NOTHING) != expected:
            raise DecodeError(f'an object of "$type" "{tag}" with the wrong names')
        for name, kind in names.items():
            if kind is not None and type(data[name]) is not kind:
                raise DecodeError(
                    f'an object of "$type" "{tag}" whose {name} is no {kind.__name__}'
                )
        return rewrite(self, data, depth)


_Names = Mapping[str, type | None]
_Rewrite = Callable[[_Rewriting, dict[str, Any], int], Any]

_NOTHING: frozenset[str] = frozenset()
_OPTIONAL = {"datetime": frozenset({"fold"})}
_HEX = re.compile(r"-?0x[0-9a-f]+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise DecodeError("what is no base64") from None


def _int(state: _Rewriting, data: dict[str, Any], depth: int) -> Any:
    text = data["hex"]
    if len(text) > 2 * MAX_BIG_INT_BYTES + 3 or _HEX.fullmatch(text) is None:
        raise DecodeError("an integer that is none, or too long")
    return state.integer(int(text, 16))


def _dict(state: _Rewriting, data: dict[str, Any], depth: int) -> Any:
    flat: list[Any] = []
    for pair in data["items"]:
        if type(pair) is not list or len(pair) != 2:
            raise DecodeError("a dict whose items are no pairs")
        flat += state.items(pair, depth)
    return {"dict": flat}


def _uuid(state: _Rewriting, data: dict[str, Any], depth: int) -> Any:
    if _UUID.fullmatch(data["value"]) is None:
        raise DecodeError("what is no UUID")
    return {"uuid": data["value"].replace("-", "")}


def _record(state: _Rewriting, data: dict[str, Any], depth: int) -> Any:
    name = _label(data["type_name"])
    fields = data["fields"]
    if "$type" not in fields:
        return {"record": [name, *state.flat(fields, depth)]}
    rewritten = state.value(fields, depth)
    if rewritten.keys() != {"dict"}:
        raise DecodeError("a record whose fields are none")
    return {"record": [name, *rewritten["dict"]]}


def _label(data: Any) -> str:
    """A text that stays in the body."""
    if type(data) is dict and data.keys() == {"$type", "base64"} and data["$type"] == "str":
        if type(data["base64"]) is str:
            return str(_bytes_of(data["base64"]), "utf-8", "surrogatepass")
    elif type(data) is str:
        return data
    raise DecodeError("a name that is no text")


def _opaque(state: _Rewriting, data: dict[str, Any], depth: int) -> Any:
    return {"opaque": [_label(data["type_name"]), _label(data["text"])]}


def _datetime(state: _Rewriting, data: dict[str, Any], depth: int) -> Any:
    return {"datetime": [data["value"], data.get("fold", 0)]}


def _pair(tag: str, first: str, second: str) -> tuple[_Names, _Rewrite]:
    names = {first: None, second: None}
    return names, lambda s, d, n: {tag: [s.value(d[first], n), s.value(d[second], n)]}


def _sequence(tag: str) -> tuple[_Names, _Rewrite]:
    return {"items": list}, lambda s, d, n: {tag: s.items(d["items"], n)}


def _plain(tag: str) -> tuple[_Names, _Rewrite]:
    return {"value": str}, lambda s, d, n: {tag: d["value"]}


_TAGGED: Mapping[str, tuple[_Names, _Rewrite]] = {
    "int": ({"hex": str}, _int),
    "float": _plain("float"),
    "str": ({"base64": str}, lambda s, d, n: {"str": s.take(_bytes_of(d["base64"]))}),
    "bytes": ({"base64": str}, lambda s, d, n: {"bytes": s.take(_bytes_of(d["base64"]))}),
    "complex": _pair("complex", "real", "imag"),
    "tuple": _sequence("tuple"),
    "set": _sequence("set"),
    "frozenset": _sequence("frozenset"),
    "dict": ({"items": list}, _dict),
    "datetime": ({"value": str}, _datetime),
    "date": _plain("date"),
    "time": _plain("time"),
    "decimal": _plain("decimal"),
    "uuid": ({"value": str}, _uuid),
    "timedelta": (
        {"days": int, "seconds": int, "microseconds": int},
        lambda s, d, n: {"timedelta": [d["days"], d["seconds"], d["microseconds"]]},
    ),
    "fraction": _pair("fraction", "numerator", "denominator"),
    "ndarray": (
        {"dtype": str, "shape": list, "base64": str},
        lambda s, d, n: {"array": [d["dtype"], d["shape"], s.take(_bytes_of(d["base64"]))]},
    ),
    "scalar": (
        {"dtype": str, "base64": str},
        lambda s, d, n: {"scalar": [d["dtype"], s.take(_bytes_of(d["base64"]))]},
    ),
    "record": ({"type_name": None, "fields": dict}, _record),
    "opaque": ({"type_name": None, "text": None}, _opaque),
}


# --- results ---------------------------------------------------------------------------------


def display_from_json(data: Any, *, limit: int, where: str = "display") -> Display:
    """The display that :func:`~.as_json.display_as_json` made ``data`` of.

    Raises:
        MalformedJSON: see :func:`value_from_json`.
    """
    if type(data) is not dict:
        raise MalformedJSON(where, "no object")
    content = {
        _text(kind, f"{where}, a media type", _MAX_LABEL): value_from_json(
            item, limit=limit, where=where
        )
        for kind, item in data.items()
    }
    if not all(type(item) in (str, bytes) for item in content.values()):
        raise MalformedJSON(where, "what is neither text nor bytes")
    return Display(content)


def result_from_json(data: Any, *, limit: int) -> Result:
    """The result that :func:`~.as_json.result_as_json` made ``data`` of. Names that a result does
    not have are left alone: a reply of the service has some more.

    Args:
        data: of a JSON parser.
        limit: bytes of its value, and of each display.

    Raises:
        MalformedJSON: it is no result, or has more.
    """
    if type(data) is not dict:
        raise MalformedJSON("result", "no object")
    missing = sorted(Result.__dataclass_fields__.keys() - data.keys())
    if missing:
        raise MalformedJSON("result", f"without {', '.join(missing)}")
    if data["status"] not in get_args(Status):
        raise MalformedJSON("status", "none of a result's")
    return Result(
        status=data["status"],
        limit=None if data["limit"] is None else _text(data["limit"], "limit", _MAX_LABEL),
        value=value_from_json(data["value"], limit=limit),
        stdout=_printed(data["stdout"], "stdout", limit),
        stderr=_printed(data["stderr"], "stderr", limit),
        displays=tuple(
            display_from_json(item, limit=limit, where=f"displays[{at}]")
            for at, item in enumerate(_list(data["displays"], "displays"))
        ),
        error=None if data["error"] is None else _error(data["error"], limit),
        usage=_usage(data["usage"]),
        enforced=MappingProxyType(_labels(data["enforced"], "enforced")),
        engine=_text(data["engine"], "engine", _MAX_LABEL),
        walls=frozenset(_texts(data["walls"], "walls")),
        alive=_bool(data["alive"], "alive"),
        abandoned=tuple(_texts(data["abandoned"], "abandoned")),
    )


def _text(data: Any, where: str, limit: int) -> str:
    if type(data) is not str or len(data) > limit:
        raise MalformedJSON(where, f"no text of at most {limit} characters")
    return data


def _printed(data: Any, where: str, limit: int) -> str:
    """Text that a guest printed: with its surrogates, if it has some."""
    text = data if type(data) is str else value_from_json(data, limit=limit, where=where)
    return _text(text, where, limit)


def _bool(data: Any, where: str) -> bool:
    if type(data) is not bool:
        raise MalformedJSON(where, "neither true nor false")
    return data


def _list(data: Any, where: str) -> list[Any]:
    if type(data) is not list:
        raise MalformedJSON(where, "no list")
    return data


def _texts(data: Any, where: str) -> list[str]:
    return [_text(item, where, _MAX_LABEL) for item in _list(data, where)]


def _labels(data: Any, where: str) -> dict[str, str]:
    if type(data) is not dict:
        raise MalformedJSON(where, "no object")
    return {
        _text(name, where, _MAX_LABEL): _text(item, f"{where}.{name}", _MAX_LABEL)
        for name, item in data.items()
    }


def _error(data: Any, limit: int) -> GuestErrorInfo:
    names = ("type", "message", "traceback")
    if type(data) is not dict or not set(names) <= data.keys():
        raise MalformedJSON("error", "no type, message and traceback")
    return GuestErrorInfo(*(_printed(data[name], f"error.{name}", limit) for name in names))


_SECONDS = frozenset({"wall", "host_wall", "cpu"})


def _usage(data: Any) -> Usage:
    if type(data) is not dict:
        raise MalformedJSON("usage", "no object")
    used: dict[str, Any] = {}
    for name, item in Usage.__dataclass_fields__.items():
        number = data.get(name, item.default)
        if number is None and item.default is None:
            continue
        kinds = (int, float) if name in _SECONDS else (int,)
        if type(number) not in kinds or not 0 <= number < INT64:
            raise MalformedJSON(f"usage.{name}", "no number that it can be")
        used[name] = float(number) if name in _SECONDS else number
    return Usage(**used)
