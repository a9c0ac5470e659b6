"""What encoder and decoder agree on: what a value costs, which arrays cross, and their errors."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ringfence_guest.protocol.values import ARRAY_DTYPES

__all__ = [
    "BRACKET_COST",
    "COMMA_COST",
    "INLINE_TEXT",
    "INT64",
    "DecodeError",
    "EncodeError",
    "Packed",
    "ValueTooLarge",
    "charge",
    "is_plain_dtype",
]

INLINE_TEXT = 256
"""Characters of the longest text that goes into the body; longer text goes into the blob."""

INT64 = 1 << 63
"""Integers from ``-INT64`` to ``INT64 - 1`` go into the body; others into the blob."""

BRACKET_COST = 72
COMMA_COST = 40

_DATETIME_DTYPE = re.compile(
    r"<[mM]8(\[([1-9]\d{0,3})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?", re.ASCII
)
_TEXT_DTYPE = re.compile(r"(<U|\|S)[1-9]\d{0,6}", re.ASCII)


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


def is_plain_dtype(name: str) -> bool:
    """Whether arrays of the dtype with this name may cross."""
    return (
        name in ARRAY_DTYPES
        or _DATETIME_DTYPE.fullmatch(name) is not None
        or _TEXT_DTYPE.fullmatch(name) is not None
    )
