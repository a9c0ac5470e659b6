"""Values that cross, for tests: strategies that make them, and a comparison that sees NaN."""

from __future__ import annotations

import datetime
import decimal
import struct
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.values import Opaque, Record

__all__ = ["FAR", "arrays", "canonical", "hashable_values", "round_trip", "steady", "values"]

FAR = 1 << 40

steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For ``@given``: a busy machine is no failure. The number of examples is the profile's."""


def canonical(value: Any) -> str:
    """A text that two values share exactly if they are the same: type, bits of floats, order where
    there is one.
    """
    kind = type(value).__name__
    if isinstance(value, float):
        return f"{kind}:{struct.pack('<d', value).hex() if value == value else 'nan'}"
    if isinstance(value, complex):
        return f"{kind}({canonical(value.real)},{canonical(value.imag)})"
    if isinstance(value, list | tuple):
        return f"{kind}[{','.join(map(canonical, value))}]"
    if isinstance(value, set | frozenset):
        return f"{kind}{{{','.join(sorted(map(canonical, value)))}}}"
    if isinstance(value, dict):
        items = [f"{canonical(k)}={canonical(v)}" for k, v in value.items()]
        return f"{kind}{{{','.join(items)}}}"
    if isinstance(value, decimal.Decimal):
        return f"{kind}:{value.as_tuple()}"
    if isinstance(value, datetime.datetime):
        return f"{kind}:{value.isoformat()}:{value.fold}"
    if isinstance(value, datetime.time):
        return f"{kind}:{value.isoformat()}"
    if isinstance(value, Record):
        return f"{kind}:{value.type_name!r}{canonical(value.fields)}"
    if isinstance(value, Opaque):
        return f"{kind}:{value.type_name!r}:{value.text!r}"
    if isinstance(value, np.ndarray | np.generic):
        return f"{kind}:{value.dtype.str}:{value.shape}:{value.tobytes().hex()}"
    if isinstance(value, int):
        return f"{kind}:{value:x}"
    return f"{kind}:{value!r}"


def round_trip(value: Any, limit: int = FAR) -> Any:
    packed = codec.encode(value, limit=limit)
    blob = b"".join(map(bytes, packed.blob))
    assert len(blob) == packed.blob_size
    return codec.decode(packed.body, blob, limit=limit)


_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)
# Whole seconds: CPython's fromisoformat() drops the microseconds of an offset below a second.
_offsets = st.integers(-86_399, 86_399).map(lambda seconds: datetime.timedelta(seconds=seconds))
_zones = st.none() | st.builds(datetime.timezone, _offsets)

_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.binary(max_size=600).map(lambda data: int.from_bytes(data, "little", signed=True)),
    st.sampled_from([(1 << 63) - 1, 1 << 63, -(1 << 63), -(1 << 63) - 1]),
    st.floats(),
    st.complex_numbers(),
    _text,
    st.binary(max_size=300),
    st.dates(),
    st.times(timezones=_zones),
    st.datetimes(timezones=_zones),
    st.datetimes().map(lambda moment: moment.replace(fold=1)),
    st.timedeltas(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from([decimal.Decimal(t) for t in ("-0", "1E+6144", "-1E-6144", "sNaN12", "-NaN")]),
    st.fractions(),
    st.uuids(),
    st.builds(Opaque, _text.map(lambda t: t[:256]), _text),
)
_hashable_leaves = _leaves.filter(
    lambda leaf: not (isinstance(leaf, decimal.Decimal) and leaf.is_snan())
)

hashable_values = st.recursive(
    _hashable_leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple),
        st.frozensets(inner, max_size=4),
        st.builds(
            Record, st.text(max_size=10), st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
    ),
    max_leaves=6,
)

values = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=20),
        st.lists(inner, max_size=4).map(tuple),
        st.sets(hashable_values, max_size=4),
        st.frozensets(hashable_values, max_size=4),
        st.dictionaries(hashable_values, inner, max_size=4),
        st.builds(Record, _text.map(lambda t: t[:256]), st.dictionaries(_text, inner, max_size=3)),
    ),
    max_leaves=12,
)
"""Everything that crosses and is no array."""

_dtypes = st.one_of(
    st_numpy.boolean_dtypes(),
    st_numpy.integer_dtypes(endianness="="),
    st_numpy.integer_dtypes(endianness=">"),
    st_numpy.unsigned_integer_dtypes(endianness="?"),
    st_numpy.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    st_numpy.complex_number_dtypes(endianness="?", sizes=(64, 128)),
    st_numpy.datetime64_dtypes(endianness="<"),
    st_numpy.timedelta64_dtypes(endianness="<"),
    st_numpy.byte_string_dtypes(),
    st_numpy.unicode_string_dtypes(endianness="<"),
)
arrays = st_numpy.arrays(_dtypes, st_numpy.array_shapes(min_dims=0, max_dims=4, min_side=0))
