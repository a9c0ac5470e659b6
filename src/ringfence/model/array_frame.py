"""Values with their arrays as raw bytes, in one message: ``application/x-ringfence-frame``.

A frame is twelve bytes, then two sections of the lengths that those bytes give (unsigned 32-bit,
little-endian)::

    "RFF1" | body length | blob length | body | blob

Body and blob are one value, as guests and hosts send them to each other
(:mod:`ringfence_guest.protocol.codec`): the body is JSON, and refers to the bytes of the blob in
their order. So there is one decoder for what comes from outside, with one set of budgets. A frame
is everything that was sent: bytes before or after it are refused.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

from ringfence_guest.protocol.codec import DecodeError, EncodeError, decode, encode

__all__ = ["MEDIA_TYPE", "MalformedFrame", "pack", "unpack"]

MEDIA_TYPE = "application/x-ringfence-frame"

_MAGIC = b"RFF1"
_PREFIX = Struct("<4sII")
_MOST = (1 << 32) - 1


class MalformedFrame(ValueError):
    """Bytes that are no frame, or more than may come; or a value that does not fit into one."""


def pack(value: Any, *, limit: int) -> bytes:
    """A frame of a value.

    Args:
        value: one that may cross to a guest; arrays of plain dtypes in it are raw bytes.
        limit: bytes, as the ``value`` limit counts them.

    Raises:
        MalformedFrame: it cannot cross, or is larger.
    """
    try:
        packed = encode(value, limit=limit)
    except EncodeError as error:
        raise MalformedFrame(str(error)) from None
    if len(packed.body) > _MOST or packed.blob_size > _MOST:
        raise MalformedFrame("a frame has at most 4 GiB")
    first = _PREFIX.pack(_MAGIC, len(packed.body), packed.blob_size)
    return b"".join((first, packed.body, *packed.blob))


def unpack(data: bytes, *, limit: int) -> Any:
    """The value of a frame, of a sender that nobody trusts.

    Args:
        data: all that was sent.
        limit: bytes, as the ``value`` limit counts them.

    Raises:
        MalformedFrame: it is not exactly a frame of a value within the limit. The message quotes
            nothing of it.
    """
    if len(data) < _PREFIX.size:
        raise MalformedFrame("no frame: it is too short")
    magic, body, blob = _PREFIX.unpack_from(data)
    if magic != _MAGIC:
        raise MalformedFrame("no frame: it does not begin with RFF1")
    if _PREFIX.size + body + blob != len(data):
        raise MalformedFrame("no frame: its lengths are not those of its sections")
    view = memoryview(data)[_PREFIX.size :]
    try:
        return decode(view[:body], view[body:], limit=limit)
    except DecodeError as error:
        raise MalformedFrame(f"no frame: {error}") from None
