"""What encoder and decoder agree on: what a value costs, and their errors."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "BRACKET_COST",
    "COMMA_COST",
    "INLINE_TEXT",
    "INT64",
    "ROOM_FOR_SMALL",
    "SMALL",
    "DecodeError",
    "EncodeError",
    "Packed",
    "ValueTooLarge",
    "charge",
]

INLINE_TEXT = 256
"""Characters of the longest text that goes into the body; longer text goes into the blob."""

INT64 = 1 << 63
"""Integers from ``-INT64`` to ``INT64 - 1`` go into the body; others into the blob."""

BRACKET_COST = 72
COMMA_COST = 40

SMALL = 256
"""Bytes of a body that needs not be counted under a limit of :data:`ROOM_FOR_SMALL`."""

ROOM_FOR_SMALL = SMALL * (1 + BRACKET_COST)
"""The most that a small body can cost, whatever is in it."""


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
    return len(body) + blob_size + BRACKET_COST * brackets + COMMA_COST * body.count(b",")
