"""Values to bytes: the half of :mod:`.codec` that runs on what its own side made."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import math
import re
import sys
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from ringfence_guest.protocol.arrays import pack_array, pack_scalar
from ringfence_guest.protocol.hashing import (
    MAX_UNKEYED,
    MAX_UNKEYED_IN_ALL,
    UNCOUNTED,
    cannot_meet,
    in_order,
)
from ringfence_guest.protocol.json_text import dumps
from ringfence_guest.protocol.plain import is_plain
from ringfence_guest.protocol.values import (
    MAX_BIG_INT_BYTES,
    MAX_DECIMAL_DIGITS,
    MAX_DECIMAL_EXPONENT,
    MAX_DEPTH,
    MAX_FRACTION_BITS,
    MAX_OPAQUE_TEXT,
    Opaque,
    Record,
    StreamHandle,
)
from ringfence_guest.protocol.wire import (
    COMMA_COST,
    INLINE_TEXT,
    INT64,
    ROOM_FOR_SMALL,
    SMALL,
    EncodeError,
    Packed,
    ValueTooLarge,
    charge,
)

if TYPE_CHECKING:
    import decimal
    import fractions

__all__ = ["Replace", "Share", "encode", "encode_plain"]

_SHORT = 16

Replace = Callable[[Any], Any]
Share = Callable[[Any], tuple[int, int] | None]


class _Encoder:
    __slots__ = (
        "blob", "depth", "keyed", "limit", "nodes", "replace", "share", "size", "unkeyed"
    )  # fmt: skip

    def __init__(self, limit: int, replace: Replace | None, share: Share | None) -> None:
        self.blob: list[Any] = []
        self.size = 0
        self.limit = limit
        self.nodes = limit // COMMA_COST + 1
        self.depth = 0
        self.keyed = 0
        self.unkeyed = 0
        self.replace = replace
        self.share = share

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

    def bound_keys(self, keys: Collection[Any]) -> None:
        """Refuse what the other side would refuse: see :mod:`.hashing`."""
        size = len(keys)
        if size > UNCOUNTED and not cannot_meet(keys):
            self.unkeyed += size
            if size > MAX_UNKEYED or self.unkeyed > MAX_UNKEYED_IN_ALL:
                raise EncodeError(
                    f"{size} keys or items of a set that are neither text nor integers in a row; "
                    f"at most {MAX_UNKEYED} may cross. Send them as a list"
                )

    def keys(self, values: Iterable[Any], count: int) -> list[Any]:
        """Keys and items of sets: what the other side could not hash crosses as opaque."""
        self.keyed += 1
        encoded = self.items(values, count)
        self.keyed -= 1
        return encoded


_PLAIN = frozenset({bool, int, float, type(None)})
_PLAIN_KEYS = _PLAIN | {str, bytes}


def _encode_list(state: _Encoder, value: list[Any]) -> Any:
    if state.keyed:
        return _encode_opaque(state, value)
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
        return min(numbers) >= -INT64 and max(numbers) < INT64
    return True


_SURROGATE = re.compile("[\ud800-\udfff]")


def _encode_str(state: _Encoder, value: str) -> Any:
    # JSON would join two surrogates into one character.
    if len(value) <= INLINE_TEXT and (value.isascii() or not _SURROGATE.search(value)):
        return value
    data = value.encode("utf-8", "surrogatepass")
    return {"str": state.take(data, len(data))}


def _encode_int(state: _Encoder, value: int) -> Any:
    if -INT64 <= value < INT64:
        return value
    size = value.bit_length() // 8 + 1
    if size > MAX_BIG_INT_BYTES:
        raise EncodeError(f"an integer of {size} bytes; at most {MAX_BIG_INT_BYTES} may cross")
    return {"int": state.take(value.to_bytes(size, "little", signed=True), size)}


def _float_json(value: float) -> Any:
    if math.isfinite(value):
        return value
    return {"float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}


def _encode_bytes(state: _Encoder, value: bytes | bytearray) -> Any:
    return {"bytes": state.take(bytes(value), len(value))}


def _encode_memoryview(state: _Encoder, value: memoryview) -> Any:
    return _encode_bytes(state, value.tobytes())


def _encode_dict(state: _Encoder, value: dict[Any, Any]) -> Any:
    if state.keyed:
        return _encode_opaque(state, value)
    state.bound_keys(value)
    flat: list[Any] = []
    if set(map(type, value)) <= _PLAIN_KEYS:
        for item in value.items():
            flat += item
        return {"dict": state.items(flat, len(flat))}
    for key, content in value.items():
        flat += state.keys((key,), 1)
        flat += state.items((content,), 1)
    return {"dict": flat}


def _encode_set(state: _Encoder, value: set[Any]) -> Any:
    if state.keyed:
        return _encode_opaque(state, value)
    items = in_order(value)
    state.bound_keys(items)
    return {"set": state.keys(items, len(items))}


def _encode_frozenset(state: _Encoder, value: frozenset[Any]) -> Any:
    items = in_order(value)
    state.bound_keys(items)
    return {"frozenset": state.keys(items, len(items))}


def _encode_decimal(state: _Encoder, value: decimal.Decimal) -> Any:
    import decimal

    if type(value) is not decimal.Decimal:
        value = decimal.Decimal(value)
    _, digits, exponent = value.as_tuple()
    if len(digits) > MAX_DECIMAL_DIGITS:
        raise EncodeError(f"a Decimal of {len(digits)} digits; at most {MAX_DECIMAL_DIGITS}")
    if isinstance(exponent, int) and abs(exponent) > MAX_DECIMAL_EXPONENT:
        raise EncodeError(f"a Decimal with the exponent {exponent}; at most {MAX_DECIMAL_EXPONENT}")
    return {"decimal": str(value)}


def _encode_fraction(state: _Encoder, value: fractions.Fraction) -> Any:
    numerator, denominator = value.numerator, value.denominator
    size = max(numerator.bit_length(), denominator.bit_length())
    if size > MAX_FRACTION_BITS:
        raise EncodeError(f"a Fraction of {size} bits; at most {MAX_FRACTION_BITS} may cross")
    return {"fraction": [_encode_int(state, numerator), _encode_int(state, denominator)]}


# Modules that few programs use are not imported for this one's sake: a value of theirs exists only
# where they are loaded.
_LATE: tuple[tuple[str, str, Callable[[_Encoder, Any], Any]], ...] = (
    ("decimal", "Decimal", _encode_decimal),
    ("fractions", "Fraction", _encode_fraction),
    ("uuid", "UUID", lambda state, value: {"uuid": value.hex}),
)


def _encode_datetime(state: _Encoder, value: datetime.datetime) -> Any:
    return {"datetime": [datetime.datetime.isoformat(value), value.fold]}


def _encode_date(state: _Encoder, value: datetime.date) -> Any:
    return {"date": datetime.date.isoformat(value)}


def _encode_time(state: _Encoder, value: datetime.time) -> Any:
    return {"time": datetime.time.isoformat(value)}


def _encode_timedelta(state: _Encoder, value: datetime.timedelta) -> Any:
    return {"timedelta": [value.days, value.seconds, value.microseconds]}


def _encode_array(state: _Encoder, value: Any) -> Any:
    if state.keyed:
        return _encode_opaque(state, value)
    place = None if state.share is None else state.share(value)
    if place is not None:
        return {"shared": [value.dtype.str, list(value.shape), *place]}
    dtype, shape, data = pack_array(value, state.limit)
    return {"array": [dtype, shape, state.take(data, len(data))]}


def _encode_scalar(state: _Encoder, value: Any) -> Any:
    if value.dtype.kind in "US":
        return state.value(value.item())
    packed = pack_scalar(value)
    if packed is None:
        return _encode_opaque(state, value)
    dtype, data = packed
    return {"scalar": [dtype, state.take(data, len(data))]}


def _encode_record(state: _Encoder, name: str, fields: dict[str, Any]) -> Any:
    flat: list[Any] = [name[:INLINE_TEXT]]
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
    return {"opaque": [str(name)[:INLINE_TEXT], str(text)[:MAX_OPAQUE_TEXT]]}


def _encode_other(state: _Encoder, value: Any) -> Any:
    """Subclasses, NumPy, declared classes; whatever is left is opaque."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.ndarray):
            masked = sys.modules.get("numpy.ma")
            if masked is not None and isinstance(value, masked.MaskedArray):
                raise EncodeError("a masked array cannot cross; use .filled() or .compressed()")
            return _encode_array(state, numpy.asarray(value))
        if isinstance(value, numpy.generic):
            return _encode_scalar(state, value)
    if isinstance(value, enum.Enum):
        return state.value(value.value)
    for base in _BASES:
        if isinstance(value, base):
            return _ENCODERS[base](state, base(value))
    for base in _TIMES:
        if isinstance(value, base):
            if value != value:  # pandas' NaT is a datetime by class only
                return _encode_opaque(state, value)
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
    names = _declared_fields(type(value))
    if names is None:
        return _encode_opaque(state, value)
    fields = {name: getattr(value, name) for name in names}
    return _encode_record(state, type(value).__qualname__, fields)


def _declared_fields(kind: type) -> list[str] | None:
    """The fields of a dataclass or of a pydantic model."""
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    fields = getattr(kind, "__pydantic_fields__", None)
    return list(fields) if isinstance(fields, dict) else None


_BASES: tuple[type, ...] = (
    str, int, float, complex, bytes, bytearray, list, tuple, dict, set, frozenset
)  # fmt: skip
_TIMES: tuple[type, ...] = (
    datetime.datetime, datetime.date, datetime.time, datetime.timedelta
)  # fmt: skip

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
    set: _encode_set,
    frozenset: _encode_frozenset,
    dict: _encode_dict,
    datetime.date: _encode_date,
    datetime.time: _encode_time,
    datetime.datetime: _encode_datetime,
    datetime.timedelta: _encode_timedelta,
    Opaque: _encode_opaque,
}


def encode_plain(value: Any, limit: int) -> Packed | None:
    """The same as :func:`encode` for a small value that stands for itself; None for any other."""
    if limit >= ROOM_FOR_SMALL:
        if value is None:
            return _NULL
        if is_plain(value):
            body = dumps(value).encode("ascii")
            if len(body) <= SMALL:
                return Packed(body, _NOTHING, 0)
    return None


def encode(
    value: Any, *, limit: int, replace: Replace | None = None, share: Share | None = None
) -> Packed:
    """Encode ``value``.

    Args:
        value: anything; what cannot cross becomes :class:`~.values.Opaque`.
        limit: the ``value`` limit in bytes.
        replace: called for a value of an unknown type; returns what should cross instead, or the
            same object.
        share: called for an array; returns (number, offset) of the shared memory that it lies in,
            or None for one that has to travel.

    Raises:
        ValueTooLarge: it costs more than ``limit``.
        EncodeError: it is too deep, contains itself, or holds an array of objects.
    """
    packed = encode_plain(value, limit)
    if packed is not None:
        return packed
    state = _Encoder(limit, replace, share)
    body = dumps(state.value(value)).encode("ascii")
    small = len(body) <= SMALL and not state.size and limit >= ROOM_FOR_SMALL
    if not small and charge(body, state.size) > limit:
        raise ValueTooLarge(f"the value is larger than the limit of {limit} bytes")
    return Packed(body, state.blob, state.size)


_NOTHING: list[Any] = []
_NULL = Packed(b"null", _NOTHING, 0)
