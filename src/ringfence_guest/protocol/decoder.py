"""Bytes to values: the half of :mod:`.codec` that never trusts what it reads."""

from __future__ import annotations

import datetime
import json.scanner
import math
import re
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from ringfence_guest.protocol.arrays import unpack_array, unpack_scalar, view_array
from ringfence_guest.protocol.hashing import (
    MAX_UNKEYED,
    MAX_UNKEYED_IN_ALL,
    UNCOUNTED,
    cannot_meet,
)
from ringfence_guest.protocol.values import (
    MAX_BIG_INT_BYTES,
    MAX_DECIMAL_DIGITS,
    MAX_DECIMAL_EXPONENT,
    MAX_DEPTH,
    MAX_FRACTION_BITS,
    MAX_OPAQUE_TEXT,
    Opaque,
    Record,
)
from ringfence_guest.protocol.wire import (
    BRACKET_COST,
    COMMA_COST,
    INLINE_TEXT,
    ROOM_FOR_SMALL,
    DecodeError,
)

if TYPE_CHECKING:
    import decimal
    import fractions

__all__ = ["decode"]

_MAX_BRACKETS = 2 * MAX_DEPTH + 4
_MAX_COLLISIONS = 32
_MAX_DIGITS = 4_400  # some more than a Decimal may have
_MAX_DECIMAL_TEXT = MAX_DECIMAL_DIGITS + 20


def _refuse_constant(name: str) -> Any:
    raise DecodeError("NaN and infinities must be tagged")


_make_scanner: Any = json.scanner.make_scanner
_scan = _make_scanner(json.JSONDecoder(parse_constant=_refuse_constant))

_NOT_OUTLINE = bytes(b for b in range(256) if b not in b'[]{}"')
_QUOTED = re.compile(rb'"[^"]*"?')
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def _bound_depth(body: bytes) -> None:
    """Refuse a body nested deeper than any value can be (each level is at most two brackets).

    Takes linear time and little memory for any bytes: what is no bracket and no quote is dropped
    first, then pairs of quotes with nothing in between, so that few matches are left.
    """
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    outline = body.translate(None, _NOT_OUTLINE).replace(b'""', b"")
    brackets = _QUOTED.sub(b"", outline)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > _MAX_BRACKETS:
        raise DecodeError(f"a value nested deeper than {MAX_DEPTH}")


_TO_ZEROS = bytes(ord("0") if chr(b).isdigit() else ord(" ") for b in range(128)) + b" " * 128
_TOO_LONG = b"0" * (_MAX_DIGITS + 1)


def _bound_digits(body: bytes) -> None:
    """Refuse long numbers: reading one takes quadratic time where the host has switched off the
    limit that CPython puts on it. Integers of that size cross in binary.
    """
    if _TOO_LONG in body.translate(_TO_ZEROS):
        raise DecodeError(f"a number of more than {_MAX_DIGITS} digits")


class _Decoder:
    """One decode: the position in the blob is its only state."""

    __slots__ = ("at", "blob", "shared", "stream", "unkeyed")

    def __init__(
        self,
        blob: memoryview,
        stream: Callable[[int, str], Any] | None,
        shared: Sequence[memoryview],
    ) -> None:
        self.blob = blob
        self.at = 0
        self.unkeyed = 0
        self.stream = stream
        self.shared = shared

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
    shared: Sequence[memoryview] = (),
) -> Any:
    """Decode a value that the other side sent. Never trusts it.

    Args:
        body: ASCII JSON.
        blob: the raw bytes that the body refers to. If they can be written they are given away: a
            large array stays where it came.
        limit: the ``value`` limit in bytes, checked before anything is decoded.
        stream: makes the object for a stream handle; without it a handle is refused.
        shared: the memory that the other side lends along with the value. Only a guest has some:
            it believes its host.

    Raises:
        DecodeError: for everything that is not exactly a value within the limit.
    """
    raw = bytes(body)
    if len(raw) > _MAX_BRACKETS or blob or limit < ROOM_FOR_SMALL:
        brackets = raw.count(b"[") + raw.count(b"{")
        cost = len(raw) + len(blob) + BRACKET_COST * brackets + COMMA_COST * raw.count(b",")
        if cost > limit:
            raise DecodeError(f"a value larger than the limit of {limit} bytes")
        if brackets > _MAX_BRACKETS:
            _bound_depth(raw)
        if len(raw) > _MAX_DIGITS:
            _bound_digits(raw)
    used = 0
    try:
        text = raw.decode("ascii")
        if "{" not in text:
            value, end = _scan(text, 0)
        else:
            state = _Decoder(memoryview(blob), stream, shared)
            value, end = json.JSONDecoder(
                object_pairs_hook=state.tagged, parse_constant=_refuse_constant
            ).raw_decode(text)
            used = state.at
    except DecodeError:
        raise
    except StopIteration:
        raise DecodeError("not a value") from None
    except (ValueError, TypeError, OverflowError, ArithmeticError, RecursionError) as error:
        raise DecodeError(f"not a value ({type(error).__name__})") from None
    if end != len(text):
        raise DecodeError("more than a value")
    if used != len(blob):
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


def _refuse_collisions(keys: list[Any]) -> None:
    """Hashes of text are keyed, those of numbers and tuples are not: the sender can make them equal
    and a dictionary of them quadratic. More than a handful of equal ones is an attack.
    """
    seen: dict[int, int] = {}
    for key in keys:
        digest = hash(key)
        found = seen[digest] = seen.get(digest, 0) + 1
        if found > _MAX_COLLISIONS:
            _refuse_unequal_collisions(keys)
            return


def _refuse_unequal_collisions(keys: list[Any]) -> None:
    """Equal keys have equal hashes and do no harm (opaque values that look the same, NaN)."""
    seen: dict[int, list[Any]] = {}
    for key in keys:
        same = seen.setdefault(hash(key), [])
        if key not in same:
            same.append(key)
            if len(same) > _MAX_COLLISIONS:
                raise DecodeError("keys made to collide")


def _bound_keys(state: _Decoder, keys: list[Any]) -> list[Any]:
    """Refuse more keys with hashes of the sender's choice than can do harm."""
    if len(keys) <= _MAX_COLLISIONS or cannot_meet(keys):
        return keys
    if len(keys) > UNCOUNTED:
        state.unkeyed += len(keys)
        if len(keys) > MAX_UNKEYED or state.unkeyed > MAX_UNKEYED_IN_ALL:
            raise DecodeError("too many keys that could be made to collide")
    _refuse_collisions(keys)
    return keys


def _decode_dict(state: _Decoder, content: Any) -> dict[Any, Any]:
    flat = _list_of(content)
    if len(flat) % 2:
        raise DecodeError("a dict with a key and no value")
    return dict(zip(_bound_keys(state, flat[::2]), flat[1::2], strict=True))


def _decode_big_int(state: _Decoder, content: Any) -> int:
    if _int_of(content) > MAX_BIG_INT_BYTES:
        raise DecodeError("an integer that is too long")
    return int.from_bytes(state.take(content), "little", signed=True)


_SPECIAL_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _decode_float(state: _Decoder, content: Any) -> float:
    value = _SPECIAL_FLOATS.get(_text_of(content))
    if value is None:
        raise DecodeError("a tag with the wrong content")
    return value


def _decode_complex(state: _Decoder, content: Any) -> complex:
    return complex(*map(_float_of, _list_of(content, 2)))


def _decode_datetime(state: _Decoder, content: Any) -> datetime.datetime:
    text, fold = _list_of(content, 2)
    return datetime.datetime.fromisoformat(_text_of(text)).replace(fold=_int_of(fold))


def _decode_timedelta(state: _Decoder, content: Any) -> datetime.timedelta:
    days, seconds, microseconds = map(_int_of, _list_of(content, 3))
    return datetime.timedelta(days, seconds, microseconds)


_DECIMAL = re.compile(r"-?(\d+(\.\d*)?(E[+-]?\d{1,5})?|Infinity|s?NaN\d*)", re.ASCII)


def _decode_decimal(state: _Decoder, content: Any) -> decimal.Decimal:
    text = _text_of(content, _MAX_DECIMAL_TEXT)
    if _DECIMAL.fullmatch(text) is None:
        raise DecodeError("not a Decimal")
    import decimal

    value = decimal.Decimal(text)
    _, digits, exponent = value.as_tuple()
    if len(digits) > MAX_DECIMAL_DIGITS or (
        isinstance(exponent, int) and abs(exponent) > MAX_DECIMAL_EXPONENT
    ):
        raise DecodeError("a Decimal that is too long")
    return value


def _decode_fraction(state: _Decoder, content: Any) -> fractions.Fraction:
    numerator, denominator = map(_int_of, _list_of(content, 2))
    if max(numerator.bit_length(), denominator.bit_length()) > MAX_FRACTION_BITS:
        raise DecodeError("a Fraction that is too long")
    import fractions

    return fractions.Fraction(numerator, denominator)


def _decode_uuid(state: _Decoder, content: Any) -> Any:
    import uuid

    return uuid.UUID(hex=_text_of(content, 32))


def _decode_array(state: _Decoder, content: Any) -> Any:
    name, shape, size = _list_of(content, 3)
    dims = [_int_of(n) for n in _list_of(shape)]
    return unpack_array(_text_of(name), dims, state.take(size), len(state.blob))


def _decode_shared(state: _Decoder, content: Any) -> Any:
    name, shape, number, offset = _list_of(content, 4)
    number = _int_of(number)
    if not 0 <= number < len(state.shared):
        raise DecodeError("an array in memory that was not lent")
    dims = [_int_of(n) for n in _list_of(shape)]
    return view_array(_text_of(name), dims, state.shared[number], _int_of(offset))


def _decode_scalar(state: _Decoder, content: Any) -> Any:
    name, size = _list_of(content, 2)
    return unpack_scalar(_text_of(name), state.take(size))


def _decode_record(state: _Decoder, content: Any) -> Record:
    flat = _list_of(content)
    if len(flat) % 2 == 0:
        raise DecodeError("a record without a name")
    names = flat[1::2]
    if not set(map(type, names)) <= {str}:
        raise DecodeError("a record with a field that is not text")
    return Record(_text_of(flat[0], INLINE_TEXT), dict(zip(names, flat[2::2], strict=True)))


def _decode_opaque(state: _Decoder, content: Any) -> Opaque:
    name, text = _list_of(content, 2)
    return Opaque(_text_of(name, INLINE_TEXT), _text_of(text, MAX_OPAQUE_TEXT))


def _decode_stream(state: _Decoder, content: Any) -> Any:
    number, direction = _list_of(content, 2)
    if state.stream is None:
        raise DecodeError("a stream where none may be")
    return state.stream(_int_of(number), _text_of(direction))


_DECODERS: dict[str, Callable[[_Decoder, Any], Any]] = {
    "dict": _decode_dict,
    "tuple": lambda state, content: tuple(_list_of(content)),
    "set": lambda state, content: set(_bound_keys(state, _list_of(content))),
    "frozenset": lambda state, content: frozenset(_bound_keys(state, _list_of(content))),
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
    "shared": _decode_shared,
    "scalar": _decode_scalar,
    "record": _decode_record,
    "opaque": _decode_opaque,
    "stream": _decode_stream,
}
