"""Values to bytes and back, with budgets on hostile input.

A value becomes a *body* (ASCII JSON, so that the C accelerator of every CPython does the work) and
a *blob* (raw bytes: long text, bytes, arrays, big integers). In the body, JSON's null, booleans,
numbers, strings and lists stand for themselves; everything else is an object with exactly one key,
its tag::

    {"dict": [k, v, k, v, …]}      {"tuple": […]}   {"set": […]}   {"frozenset": […]}
    {"bytes": n} {"str": n} {"int": n}              the next n bytes of the blob
    {"array": [dtype, shape, n]}   {"scalar": [dtype, n]}
    {"float": "nan"}               {"complex": [re, im]}
    {"date": iso} {"time": iso} {"datetime": [iso, fold]} {"timedelta": [days, s, us]}
    {"decimal": text} {"fraction": [n, d]} {"uuid": hex}
    {"record": [type name, k, v, …]}  {"opaque": [type name, text]}  {"stream": [id, direction]}

The blob is consumed in order, each byte once: a body cannot name the same bytes twice. Before a
body is decoded its length, brackets and commas are charged (:func:`charge`) and its depth is
bounded, because JSON amplifies: ``[[],[],…`` takes 24 times its length in memory.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json.encoder
import json.scanner
import math
import re
import sys
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence_guest.protocol.values import (
    ARRAY_DTYPES,
    MAX_BIG_INT_BYTES,
    MAX_DECIMAL_DIGITS,
    MAX_DECIMAL_EXPONENT,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_OPAQUE_TEXT,
    Opaque,
    Record,
    StreamHandle,
)

if TYPE_CHECKING:
    import decimal
    import fractions

__all__ = ["DecodeError", "EncodeError", "Packed", "ValueTooLarge", "charge", "decode", "encode"]

_INLINE_TEXT = 256
_SHORT = 16
_INT64 = 1 << 63
_BRACKET_COST = 72
_COMMA_COST = 40
_MAX_COLLISIONS = 32
_DATETIME_DTYPE = re.compile(r"<[mM]8(\[(\d{0,4}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as))\])?")
_TEXT_DTYPE = re.compile(r"(<U|\|S)\d{1,7}")

Replace = Callable[[Any], Any]


class EncodeError(ValueError):
    """A value cannot cross: too deep, circular, or an array of objects."""


class ValueTooLarge(EncodeError):
    """A value is larger than the ``value`` limit."""


class DecodeError(ValueError):
    """Bytes from the other side are not a value. The message never quotes them at length."""


class Packed(NamedTuple):
    """An encoded value: ``body`` is ASCII JSON, ``blob`` a list of buffers to send after it."""

    body: bytes
    blob: list[Any]
    blob_size: int


def charge(body: bytes | memoryview, blob_size: int) -> int:
    """What a value costs against the ``value`` limit, in bytes: near what decoding it takes."""
    if not isinstance(body, bytes):
        body = bytes(body)
    brackets = body.count(b"[") + body.count(b"{")
    return (
        len(body) + blob_size + _BRACKET_COST * brackets + _COMMA_COST * body.count(b",")
    )


# --- encoding -------------------------------------------------------------------------------


class _Encoder:
    __slots__ = ("blob", "depth", "limit", "nodes", "replace", "size")

    def __init__(self, limit: int, replace: Replace | None) -> None:
        self.blob: list[Any] = []
        self.size = 0
        self.limit = limit
        self.nodes = limit // _COMMA_COST + 1
        self.depth = 0
        self.replace = replace

    def take(self, buffer: Any, size: int) -> int:
        self.size += size
        if self.size > self.limit:
            raise ValueTooLarge(f"the value is larger than {self.limit} bytes")
        self.blob.append(buffer)
        return size

    def spend(self, nodes: int) -> None:
        self.nodes -= nodes
        if self.nodes < 0:
            raise ValueTooLarge(f"the value has too many items for a limit of {self.limit} bytes")

    def value(self, value: Any) -> Any:
        encoder = _ENCODERS.get(type(value))
        return encoder(self, value) if encoder is not None else _encode_other(self, value)

    def items(self, values: Iterable[Any], count: int) -> list[Any]:
        self.spend(count)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise EncodeError(f"the value is nested deeper than {MAX_DEPTH}, or contains itself")
        encoded = []
        for item in values:
            encoder = _ENCODERS.get(type(item))
            encoded.append(encoder(self, item) if encoder else _encode_other(self, item))
        self.depth -= 1
        return encoded


_PLAIN = frozenset({bool, int, float, type(None)})


def _encode_list(state: _Encoder, value: list[Any]) -> Any:
    if len(value) < _SHORT:
        return state.items(value, len(value))
    kinds = set(map(type, value))
    if kinds <= _PLAIN and _is_plain_json(value, kinds):
        state.spend(len(value))
        return value
    return state.items(value, len(value))


def _is_plain_json(value: list[Any], kinds: set[type]) -> bool:
    """Whether a list of scalars can be handed to JSON as it is: no NaN, no infinity, no big int."""
    if float in kinds and not math.isfinite(sum(v for v in value if type(v) is float)):
        return False
    if int in kinds:
        numbers = [v for v in value if type(v) is int]
        return -_INT64 <= min(numbers) and max(numbers) < _INT64
    return True


def _encode_str(state: _Encoder, value: str) -> Any:
    if len(value) <= _INLINE_TEXT:
        return value
    data = value.encode("utf-8", "surrogatepass")
    return {"str": state.take(data, len(data))}


def _encode_int(state: _Encoder, value: int) -> Any:
    if -_INT64 <= value < _INT64:
        return value
    size = value.bit_length() // 8 + 1
    if size > MAX_BIG_INT_BYTES:
        raise EncodeError(f"an integer of {size} bytes; at most {MAX_BIG_INT_BYTES} may cross")
    return {"int": state.take(value.to_bytes(size, "little", signed=True), size)}


def _float_json(value: float) -> Any:
    if math.isfinite(value):
        return value
    return {"float": "nan" if value != value else "inf" if value > 0 else "-inf"}


def _encode_bytes(state: _Encoder, value: bytes | bytearray) -> Any:
    return {"bytes": state.take(bytes(value), len(value))}


def _encode_memoryview(state: _Encoder, value: memoryview) -> Any:
    return _encode_bytes(state, value.tobytes())


def _encode_dict(state: _Encoder, value: dict[Any, Any]) -> Any:
    flat: list[Any] = []
    for item in value.items():
        flat += item
    return {"dict": state.items(flat, len(flat))}


def _encode_decimal(state: _Encoder, value: decimal.Decimal) -> Any:
    _, digits, exponent = value.as_tuple()
    if len(digits) > MAX_DECIMAL_DIGITS:
        raise EncodeError(f"a Decimal of {len(digits)} digits; at most {MAX_DECIMAL_DIGITS}")
    if isinstance(exponent, int) and abs(exponent) > MAX_DECIMAL_EXPONENT:
        raise EncodeError(f"a Decimal with the exponent {exponent}; at most {MAX_DECIMAL_EXPONENT}")
    return {"decimal": str(value)}


def _encode_fraction(state: _Encoder, value: fractions.Fraction) -> Any:
    return {"fraction": [state.value(value.numerator), state.value(value.denominator)]}


# Modules that few programs use are not imported for this one's sake: a value of theirs exists only
# where they are loaded.
_LATE: tuple[tuple[str, str, Callable[[_Encoder, Any], Any]], ...] = (
    ("decimal", "Decimal", _encode_decimal),
    ("fractions", "Fraction", _encode_fraction),
    ("uuid", "UUID", lambda state, value: {"uuid": value.hex}),
)


def _encode_time(kind: str) -> Callable[[_Encoder, Any], Any]:
    def encode_time(state: _Encoder, value: Any) -> Any:
        return {kind: value.isoformat()}

    return encode_time


def _encode_array(state: _Encoder, value: Any) -> Any:
    if not _is_plain_dtype(value.dtype.str):
        if value.dtype.kind in "OV":
            raise EncodeError(
                f"an array of dtype {value.dtype} cannot cross; convert it to a plain dtype"
            )
        value = value.astype(value.dtype.newbyteorder("<"))
        if not _is_plain_dtype(value.dtype.str):
            raise EncodeError(f"an array of dtype {value.dtype} cannot cross")
    if value.ndim > MAX_DIMENSIONS:
        raise EncodeError(f"an array of {value.ndim} dimensions; at most {MAX_DIMENSIONS}")
    if value.nbytes > state.limit:
        raise ValueTooLarge(f"an array of {value.nbytes} bytes; the limit is {state.limit}")
    shape = list(value.shape)
    if not value.flags.c_contiguous:
        value = value.copy(order="C")
    data = value.reshape(-1).view("u1").data if value.nbytes else b""
    return {"array": [value.dtype.str, shape, state.take(data, value.nbytes)]}


def _encode_scalar(state: _Encoder, value: Any) -> Any:
    dtype = value.dtype.newbyteorder("<").str
    if not _is_plain_dtype(dtype):
        return _encode_opaque(state, value)
    data = value.astype(dtype).tobytes()
    return {"scalar": [dtype, state.take(data, len(data))]}


def _encode_record(state: _Encoder, name: str, fields: dict[str, Any]) -> Any:
    flat: list[Any] = [name[:_INLINE_TEXT]]
    for item in fields.items():
        flat += item
    return {"record": state.items(flat, len(flat))}


def _encode_opaque(state: _Encoder, value: Any) -> Any:
    if isinstance(value, Opaque):
        name, text = value.type_name, value.text
    else:
        name = getattr(type(value), "__qualname__", "object")
        try:
            text = repr(value)
        except Exception as error:  # a guest's own __repr__ may do anything
            text = f"<{name} whose repr raised {type(error).__name__}>"
    return {"opaque": [str(name)[:_INLINE_TEXT], str(text)[:MAX_OPAQUE_TEXT]]}


def _encode_other(state: _Encoder, value: Any) -> Any:
    """Subclasses, NumPy, declared classes; whatever is left is opaque."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.ndarray):
            return _encode_array(state, numpy.asarray(value))
        if isinstance(value, numpy.generic):
            return _encode_scalar(state, value)
    if isinstance(value, enum.Enum):
        return state.value(value.value)
    for base in _BASES:
        if isinstance(value, base):
            return _ENCODERS[base](state, base(value))
    for base in (datetime.datetime, datetime.date, datetime.time):
        if isinstance(value, base):
            return _ENCODERS[base](state, value)
    for module_name, name, encoder in _LATE:
        module = sys.modules.get(module_name)
        if module is not None and isinstance(value, getattr(module, name)):
            return encoder(state, value)
    if isinstance(value, Record):
        return _encode_record(state, value.type_name, value.fields)
    if isinstance(value, StreamHandle):
        return {"stream": [value.stream, value.direction]}
    if state.replace is not None:
        replaced = state.replace(value)
        if replaced is not value:
            return state.value(replaced)
    kind = type(value)
    if dataclasses.is_dataclass(kind):
        names = [f.name for f in dataclasses.fields(kind)]
        return _encode_record(state, kind.__qualname__, {n: getattr(value, n) for n in names})
    model_fields = getattr(kind, "__pydantic_fields__", None)
    if isinstance(model_fields, dict):
        return _encode_record(state, kind.__qualname__, {n: getattr(value, n) for n in model_fields})
    return _encode_opaque(state, value)


_BASES: tuple[type, ...] = (str, int, float, complex, bytes, bytearray, list, tuple, dict, set, frozenset)

_ENCODERS: dict[type, Callable[[_Encoder, Any], Any]] = {
    type(None): lambda state, value: None,
    bool: lambda state, value: value,
    int: _encode_int,
    float: lambda state, value: _float_json(value),
    complex: lambda state, value: {"complex": [_float_json(value.real), _float_json(value.imag)]},
    str: _encode_str,
    bytes: _encode_bytes,
    bytearray: _encode_bytes,
    memoryview: _encode_memoryview,
    list: _encode_list,
    tuple: lambda state, value: {"tuple": state.items(value, len(value))},
    set: lambda state, value: {"set": state.items(value, len(value))},
    frozenset: lambda state, value: {"frozenset": state.items(value, len(value))},
    dict: _encode_dict,
    datetime.date: _encode_time("date"),
    datetime.time: _encode_time("time"),
    datetime.datetime: lambda state, value: {"datetime": [value.isoformat(), value.fold]},
    datetime.timedelta: lambda state, value: {
        "timedelta": [value.days, value.seconds, value.microseconds]
    },
    Opaque: _encode_opaque,
}

_escape = json.encoder.encode_basestring_ascii


def _make_dumps() -> Callable[[Any], str]:
    """``json.dumps``, without making a new C encoder for every value."""
    make = json.encoder.c_make_encoder
    if make is None:
        return json.JSONEncoder(
            ensure_ascii=True, check_circular=False, allow_nan=False, separators=(",", ":")
        ).encode
    chunks = make(None, None, _escape, None, ":", ",", False, False, False)
    return lambda value: "".join(chunks(value, 0))


_dumps = _make_dumps()


def encode(value: Any, *, limit: int, replace: Replace | None = None) -> Packed:
    """Encode ``value``.

    Args:
        value: anything; what cannot cross becomes :class:`~.values.Opaque`.
        limit: the ``value`` limit in bytes.
        replace: called for a value of an unknown type; returns what should cross instead, or the
            same object.

    Raises:
        ValueTooLarge: it costs more than ``limit``.
        EncodeError: it is too deep, contains itself, or holds an array of objects.
    """
    kind = type(value)
    if value is None:
        return _NULL
    if kind is int and -_INT64 <= value < _INT64:
        return Packed(b"%d" % value, _NOTHING, 0)
    if kind is str and len(value) <= _INLINE_TEXT:
        return Packed(_escape(value).encode("ascii"), _NOTHING, 0)
    state = _Encoder(limit, replace)
    body = _dumps(state.value(value)).encode("ascii")
    if len(body) + state.size > limit or charge(body, state.size) > limit:
        raise ValueTooLarge(f"the value is larger than the limit of {limit} bytes")
    return Packed(body, state.blob, state.size)


_NOTHING: list[Any] = []
_NULL = Packed(b"null", _NOTHING, 0)


# --- decoding -------------------------------------------------------------------------------


def _refuse_constant(name: str) -> Any:
    raise DecodeError("NaN and infinities must be tagged")


_scan = json.scanner.make_scanner(json.JSONDecoder(parse_constant=_refuse_constant))


def _plain_decode(text: str) -> Any:
    """``json.loads`` without the white space around it, which no sender writes."""
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise DecodeError("not a value") from None
    if end != len(text):
        raise DecodeError("more than a value")
    return value


_TO_BRACKETS = bytes(range(256))
_NOT_BRACKETS = bytes(b for b in range(256) if b not in b"[]{}")
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


_MAX_BRACKETS = 2 * MAX_DEPTH + 4


def _bound_depth(body: bytes) -> None:
    """Refuse a body nested deeper than any value can be (each level is at most two brackets)."""
    brackets = _JSON_STRING.sub(b"", body).translate(_TO_BRACKETS, _NOT_BRACKETS)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > _MAX_BRACKETS:
        raise DecodeError(f"a value nested deeper than {MAX_DEPTH}")


class _Decoder:
    """One decode: the position in the blob is its only state."""

    __slots__ = ("at", "blob", "stream")

    def __init__(self, blob: memoryview, stream: Callable[[int, str], Any] | None) -> None:
        self.blob = blob
        self.at = 0
        self.stream = stream

    def take(self, size: Any) -> memoryview:
        if type(size) is not int or size < 0 or size > len(self.blob) - self.at:
            raise DecodeError("a reference beyond the blob")
        start, self.at = self.at, self.at + size
        return self.blob[start : self.at]

    def tagged(self, pairs: list[tuple[str, Any]]) -> Any:
        if len(pairs) != 1:
            raise DecodeError("an object without exactly one tag")
        tag, content = pairs[0]
        decoder = _DECODERS.get(tag)
        if decoder is None:
            raise DecodeError("an unknown tag")
        return decoder(self, content)


def decode(
    body: bytes | memoryview,
    blob: bytes | bytearray | memoryview = b"",
    *,
    limit: int,
    stream: Callable[[int, str], Any] | None = None,
) -> Any:
    """Decode a value that the other side sent. Never trusts it.

    Args:
        body: ASCII JSON.
        blob: the raw bytes that the body refers to.
        limit: the ``value`` limit in bytes, checked before anything is decoded.
        stream: makes the object for a stream handle; without it a handle is refused.

    Raises:
        DecodeError: for everything that is not exactly a value within the limit.
    """
    raw = bytes(body)
    brackets = raw.count(b"[") + raw.count(b"{")
    cost = len(raw) + len(blob) + _BRACKET_COST * brackets + _COMMA_COST * raw.count(b",")
    if cost > limit:
        raise DecodeError(f"a value larger than the limit of {limit} bytes")
    if brackets > _MAX_BRACKETS:
        _bound_depth(raw)
    try:
        text = raw.decode("ascii")
        if "{" not in text:
            value = _plain_decode(text)
            if len(blob):
                raise DecodeError("bytes that the value does not refer to")
            return value
        state = _Decoder(memoryview(blob), stream)
        value = json.JSONDecoder(
            object_pairs_hook=state.tagged, parse_constant=_refuse_constant
        ).decode(text)
    except DecodeError:
        raise
    except (ValueError, TypeError, OverflowError, ArithmeticError, RecursionError) as error:
        raise DecodeError(f"not a value ({type(error).__name__})") from None
    if state.at != len(blob):
        raise DecodeError("bytes that the value does not refer to")
    return value


def _list_of(content: Any, size: int | None = None) -> list[Any]:
    if type(content) is not list or (size is not None and len(content) != size):
        raise DecodeError("a tag with the wrong content")
    return content


def _text_of(content: Any, limit: int = 100) -> str:
    if type(content) is not str or len(content) > limit:
        raise DecodeError("a tag with the wrong content")
    return content


def _int_of(content: Any) -> int:
    if type(content) is not int:
        raise DecodeError("a tag with the wrong content")
    return content


def _float_of(content: Any) -> float:
    if type(content) not in (int, float):
        raise DecodeError("a tag with the wrong content")
    return float(content)


def _refuse_collisions(keys: list[Any]) -> list[Any]:
    """Hashes of text are keyed, those of numbers and tuples are not: the sender can make them equal
    and a dictionary of them quadratic. More than a handful of equal ones is an attack."""
    if len(keys) > _MAX_COLLISIONS and not set(map(type, keys)) <= {str, bytes}:
        seen: dict[int, int] = {}
        for key in keys:
            digest = hash(key)
            count = seen[digest] = seen.get(digest, 0) + 1
            if count > _MAX_COLLISIONS:
                raise DecodeError("keys made to collide")
    return keys


def _decode_dict(state: _Decoder, content: Any) -> dict[Any, Any]:
    flat = _list_of(content)
    if len(flat) % 2:
        raise DecodeError("a dict with a key and no value")
    return dict(zip(_refuse_collisions(flat[::2]), flat[1::2], strict=True))


def _decode_big_int(state: _Decoder, content: Any) -> int:
    if _int_of(content) > MAX_BIG_INT_BYTES:
        raise DecodeError("an integer that is too long")
    return int.from_bytes(state.take(content), "little", signed=True)


_SPECIAL_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _decode_float(state: _Decoder, content: Any) -> float:
    return _SPECIAL_FLOATS[_text_of(content)] if content in _SPECIAL_FLOATS else _float_of(None)


def _decode_complex(state: _Decoder, content: Any) -> complex:
    return complex(*map(_float_of, _list_of(content, 2)))


def _decode_datetime(state: _Decoder, content: Any) -> datetime.datetime:
    text, fold = _list_of(content, 2)
    return datetime.datetime.fromisoformat(_text_of(text)).replace(fold=_int_of(fold))


def _decode_timedelta(state: _Decoder, content: Any) -> datetime.timedelta:
    days, seconds, microseconds = map(_int_of, _list_of(content, 3))
    return datetime.timedelta(days, seconds, microseconds)


_DECIMAL = re.compile(r"-?(\d+(\.\d*)?(E[+-]?(\d{1,5}))?|Infinity|s?NaN\d{0,20})", re.ASCII)


def _decode_decimal(state: _Decoder, content: Any) -> decimal.Decimal:
    text = _text_of(content, MAX_DECIMAL_DIGITS + MAX_DECIMAL_EXPONENT + 20)
    match = _DECIMAL.fullmatch(text)
    if match is None or len(text) > 2 * MAX_DECIMAL_EXPONENT:
        raise DecodeError("not a Decimal")
    import decimal

    value = decimal.Decimal(text)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and abs(exponent) > MAX_DECIMAL_EXPONENT:
        raise DecodeError("a Decimal with an exponent that is too large")
    return value


def _decode_fraction(state: _Decoder, content: Any) -> fractions.Fraction:
    numerator, denominator = map(_int_of, _list_of(content, 2))
    if max(numerator.bit_length(), denominator.bit_length()) > 65_536:
        raise DecodeError("a Fraction that is too long")
    import fractions

    return fractions.Fraction(numerator, denominator)


def _decode_uuid(state: _Decoder, content: Any) -> Any:
    import uuid

    return uuid.UUID(hex=_text_of(content, 32))


def _is_plain_dtype(name: str) -> bool:
    return (
        name in ARRAY_DTYPES
        or _DATETIME_DTYPE.fullmatch(name) is not None
        or _TEXT_DTYPE.fullmatch(name) is not None
    )


def _numpy_dtype(name: Any) -> Any:
    if not _is_plain_dtype(_text_of(name)):
        raise DecodeError("an array of a dtype that may not cross")
    try:
        import numpy as np
    except ImportError:
        return None
    return np.dtype(name)


def _decode_array(state: _Decoder, content: Any) -> Any:
    name, shape, size = _list_of(content, 3)
    dtype = _numpy_dtype(name)
    dims = [_int_of(n) for n in _list_of(shape)]
    data = state.take(size)
    if len(dims) > MAX_DIMENSIONS or min(dims, default=0) < 0:
        raise DecodeError("an array with a wrong shape")
    if dtype is None:
        return Opaque("numpy.ndarray", f"dtype={name} shape={dims}; NumPy is not installed here")
    if math.prod(dims) * dtype.itemsize != len(data) or max(dims, default=0) >= _INT64:
        raise DecodeError("an array whose shape and bytes disagree")
    import numpy as np

    return np.frombuffer(bytearray(data), dtype).reshape(dims)


def _decode_scalar(state: _Decoder, content: Any) -> Any:
    name, size = _list_of(content, 2)
    dtype = _numpy_dtype(name)
    data = state.take(size)
    if dtype is None:
        return Opaque("numpy.generic", f"dtype={name}; NumPy is not installed here")
    if dtype.itemsize != len(data):
        raise DecodeError("a scalar whose dtype and bytes disagree")
    import numpy as np

    return np.frombuffer(bytes(data), dtype)[0]


def _decode_record(state: _Decoder, content: Any) -> Record:
    flat = _list_of(content)
    if not flat or len(flat) % 2 == 0:
        raise DecodeError("a record without a name")
    names = flat[1::2]
    if not set(map(type, names)) <= {str}:
        raise DecodeError("a record with a field that is not text")
    return Record(_text_of(flat[0], _INLINE_TEXT), dict(zip(names, flat[2::2], strict=True)))


def _decode_opaque(state: _Decoder, content: Any) -> Opaque:
    name, text = _list_of(content, 2)
    return Opaque(_text_of(name, _INLINE_TEXT), _text_of(text, MAX_OPAQUE_TEXT))


def _decode_stream(state: _Decoder, content: Any) -> Any:
    number, direction = _list_of(content, 2)
    if state.stream is None:
        raise DecodeError("a stream where none may be")
    return state.stream(_int_of(number), _text_of(direction))


_DECODERS: dict[str, Callable[[_Decoder, Any], Any]] = {
    "dict": _decode_dict,
    "tuple": lambda state, content: tuple(_list_of(content)),
    "set": lambda state, content: set(_refuse_collisions(_list_of(content))),
    "frozenset": lambda state, content: frozenset(_refuse_collisions(_list_of(content))),
    "bytes": lambda state, content: bytes(state.take(content)),
    "str": lambda state, content: str(state.take(content), "utf-8", "surrogatepass"),
    "int": _decode_big_int,
    "float": _decode_float,
    "complex": _decode_complex,
    "date": lambda state, content: datetime.date.fromisoformat(_text_of(content)),
    "time": lambda state, content: datetime.time.fromisoformat(_text_of(content)),
    "datetime": _decode_datetime,
    "timedelta": _decode_timedelta,
    "decimal": _decode_decimal,
    "fraction": _decode_fraction,
    "uuid": _decode_uuid,
    "array": _decode_array,
    "scalar": _decode_scalar,
    "record": _decode_record,
    "opaque": _decode_opaque,
    "stream": _decode_stream,
}
