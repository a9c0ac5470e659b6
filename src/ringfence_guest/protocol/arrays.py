"""NumPy's arrays and scalars, both ways: the one module of the protocol that knows NumPy.

NumPy is imported only where a value of its own is at hand, or where one has come.
"""

from __future__ import annotations

import math
import re
from typing import Any

from ringfence_guest.protocol.values import ARRAY_DTYPES, MAX_DIMENSIONS, Opaque
from ringfence_guest.protocol.wire import INT64, DecodeError, EncodeError, ValueTooLarge

__all__ = [
    "is_plain_dtype",
    "pack_array",
    "pack_scalar",
    "unpack_array",
    "unpack_scalar",
    "view_array",
]

_DATETIME_DTYPE = re.compile(
    r"<[mM]8(\[([1-9]\d{0,3})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?", re.ASCII
)
_TEXT_DTYPE = re.compile(r"(<U|\|S)[1-9]\d{0,6}", re.ASCII)
_PLAIN_KINDS = "biufcmMUS"  # numpy.dtype.kind: what a change of byte order may make plain
_LARGE = 65_536
_GOOD_PART = 4


def is_plain_dtype(name: str) -> bool:
    """Whether arrays of the dtype with this name may cross."""
    return (
        name in ARRAY_DTYPES
        or _DATETIME_DTYPE.fullmatch(name) is not None
        or _TEXT_DTYPE.fullmatch(name) is not None
    )


# --- out ---------------------------------------------------------------------------------------


def pack_array(array: Any, limit: int) -> tuple[str, list[int], Any]:
    """Dtype, shape and bytes of an array, in C order; the bytes are its own where they can be."""
    if not is_plain_dtype(array.dtype.str):
        if array.dtype.kind not in _PLAIN_KINDS:
            raise EncodeError(
                f"an array of dtype {array.dtype} cannot cross; convert it to a plain dtype"
            )
        array = array.astype(array.dtype.newbyteorder("<"))
        if not is_plain_dtype(array.dtype.str):
            raise EncodeError(f"an array of dtype {array.dtype} cannot cross")
    if array.ndim > MAX_DIMENSIONS:
        raise EncodeError(f"an array of {array.ndim} dimensions; at most {MAX_DIMENSIONS}")
    if array.nbytes > limit:
        raise ValueTooLarge(f"an array of {array.nbytes} bytes; the limit is {limit}")
    shape = list(array.shape)
    if not array.flags.c_contiguous:
        array = array.copy(order="C")
    return array.dtype.str, shape, array.reshape(-1).view("u1").data if array.nbytes else b""


def pack_scalar(scalar: Any) -> tuple[str, bytes] | None:
    """Dtype and bytes of a scalar; None if it cannot cross."""
    dtype = scalar.dtype.newbyteorder("<").str
    return (dtype, scalar.astype(dtype).tobytes()) if is_plain_dtype(dtype) else None


# --- in ----------------------------------------------------------------------------------------


def _plain_dtype(name: str) -> Any:
    if not is_plain_dtype(name):
        raise DecodeError("an array of a dtype that may not cross")
    try:
        import numpy as np
    except ImportError:
        return None
    return np.dtype(name)


def _elements(data: memoryview, dtype: Any, *, given: bool) -> Any:
    """A flat array of bytes that are nobody else's: its own copy, or those that it was ``given``.
    Bytes that are no truth value and no character are refused: NumPy takes them and stumbles later.
    """
    import numpy as np

    flat = np.frombuffer(data, dtype)
    if not given or data.readonly or not flat.flags.aligned:
        flat = flat.copy()
    if dtype.kind == "b" and flat.view("u1").max(initial=0) > 1:
        raise DecodeError("an array of booleans that are none")
    if dtype.kind == "U" and flat.view("<u4").max(initial=0) > 0x10FFFF:
        raise DecodeError("an array of text that is none")
    return flat


def unpack_array(name: str, shape: list[int], data: memoryview, whole: int) -> Any:
    """An array, or what stands for one where NumPy is not installed.

    Args:
        name: of the dtype.
        shape: not yet checked.
        data: the bytes.
        whole: how many bytes came with them. An array that is a good part of those keeps them where
            they are, if they can be written; a smaller one would keep too much from being freed.
    """
    dtype = _plain_dtype(name)
    if len(shape) > MAX_DIMENSIONS or not all(0 <= n < INT64 for n in shape):
        raise DecodeError("an array with a wrong shape")
    if dtype is None:
        return Opaque("numpy.ndarray", f"dtype={name} shape={shape}; NumPy is not installed here")
    if math.prod(shape) * dtype.itemsize != len(data):
        raise DecodeError("an array whose shape and bytes disagree")
    given = len(data) > _LARGE and _GOOD_PART * len(data) > whole
    return _elements(data, dtype, given=given).reshape(shape)


def view_array(name: str, shape: list[int], memory: memoryview, offset: int) -> Any:
    """An array of the host's where it is, to be read; or what stands for one."""
    dtype = _plain_dtype(name)
    if dtype is None:
        return Opaque("numpy.ndarray", f"dtype={name} shape={shape}; NumPy is not installed here")
    import numpy as np

    size = math.prod(shape) * dtype.itemsize
    if not 0 <= offset <= len(memory) - size:
        raise DecodeError("an array beyond the memory that was lent")
    return np.frombuffer(memory[offset : offset + size], dtype).reshape(shape)


def unpack_scalar(name: str, data: memoryview) -> Any:
    """A scalar, or what stands for one where NumPy is not installed."""
    dtype = _plain_dtype(name)
    if dtype is None:
        return Opaque("numpy.generic", f"dtype={name}; NumPy is not installed here")
    if dtype.itemsize != len(data):
        raise DecodeError("a scalar whose dtype and bytes disagree")
    return _elements(data, dtype, given=False)[0]
