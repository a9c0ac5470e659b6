"""What a body of JSON may be before anybody parses it: JSON amplifies, and nests.

``[[],[],…`` takes more than twenty times its length in memory, and a text of brackets alone makes
parsers recurse. Both are counted here, in time linear in the body, and a slice at a time: what
looks at all of a large body at once keeps every other thread of the server waiting meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from ringfence.server.problems import Fault, Problem

__all__ = ["MOST_DEPTH", "MOST_DIGITS", "MOST_VALUES", "check_json"]

MOST_DEPTH = 64
"""Brackets within brackets."""

MOST_VALUES = 20_000
"""Values in one body, about: its commas and opening brackets outside of texts."""

MOST_QUOTES = 100_000
"""Quotes in one body, those in texts included: finding the texts takes time for each."""

MOST_DIGITS = 4_300
"""Digits of one number: reading more takes time that grows with their square."""

_SLICE = 128 << 10
"""Bytes that are looked at in one go."""

_NOT_OUTLINE = bytes(one for one in range(256) if one not in b'[]{},"')
_NOT_BRACKETS = bytes(one for one in range(256) if one not in b"[]{}")
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_TO_ZEROS = bytes(ord("0") if chr(one).isdigit() else ord(" ") for one in range(128)) + b" " * 128
_TOO_LONG = b"0" * (MOST_DIGITS + 1)


def check_json(body: bytes) -> None:
    """Refuse a body that would cost more than its length to read.

    Raises:
        Problem: ``malformed``, or ``too-large``.
    """
    if b"\0" in body:  # another encoding than UTF-8, in which brackets can be hidden from counting
        raise Problem("malformed", "the body is no JSON in UTF-8", status=400)
    brackets = commas = 0
    long_number = False
    for at in range(0, len(body), _SLICE):
        part = body[at : at + _SLICE]
        brackets += part.count(b"[") + part.count(b"{")
        commas += part.count(b",")
        # A number may go on in the next slice.
        digits = body[at : at + _SLICE + MOST_DIGITS]
        long_number = long_number or _has_long_number(digits)
    if brackets > MOST_DEPTH or brackets + commas > MOST_VALUES:
        _check_outline(body)
    if long_number:
        _check_digits(body)


def _check_outline(body: bytes) -> None:
    """The same outside of texts, which may hold any number of brackets and commas."""
    if _quotes(body) > MOST_QUOTES:
        raise Problem(
            "too-large",
            f"the body has more than {MOST_QUOTES} quotes; send large data as a file, or as arrays "
            "to a plugin's hook",
            errors=[Fault("body", f"at most {MOST_QUOTES} quotes", "more")],
        )
    values = depth = 0
    for outside in _outside_of_texts(body, _NOT_OUTLINE):
        values += outside.count(b",") + outside.count(b"[") + outside.count(b"{")
        if values > MOST_VALUES:
            raise Problem(
                "too-large",
                f"the body has more than {MOST_VALUES} values; send large data as a file, or as "
                "arrays to a plugin's hook",
                errors=[Fault("body", f"at most {MOST_VALUES} values", "more")],
            )
        steps = map(_STEP.__getitem__, outside.translate(None, _NOT_BRACKETS))
        depths = list(accumulate(steps, initial=depth))
        depth = depths[-1]
        if max(depths) > MOST_DEPTH:
            raise Problem(
                "malformed",
                f"the body is nested deeper than {MOST_DEPTH} levels",
                errors=[Fault("body", f"at most {MOST_DEPTH} levels", "more")],
            )


def _check_digits(body: bytes) -> None:
    """The same outside of texts; where there are too many of those, a long number is not looked for
    among them.
    """
    if _quotes(body) > MOST_QUOTES:
        raise Problem("too-large", "the body has too many texts, and digits in a row")
    before = b""
    for outside in _outside_of_texts(body, b""):
        if _has_long_number(before + outside):
            raise Problem(
                "malformed",
                f"a number has more than {MOST_DIGITS} digits; write it as a text",
                errors=[Fault("body", f"at most {MOST_DIGITS} digits", "more")],
            )
        before = (before + outside)[-MOST_DIGITS:]


def _outside_of_texts(body: bytes, without: bytes) -> Iterator[bytes]:
    """What is in no text, a slice at a time, and without some bytes."""
    inside = False
    carried = b""
    for at in range(0, len(body), _SLICE):
        part = carried + body[at : at + _SLICE]
        # A backslash is with what follows it.
        carried = b"\\" if (len(part) - len(part.rstrip(b"\\"))) % 2 else b""
        part = part[: len(part) - len(carried)]
        if b"\\" in part:
            part = part.replace(b"\\\\", b"").replace(b'\\"', b"")
        pieces = part.translate(None, without).split(b'"')
        yield b"".join(pieces[inside::2])
        inside ^= not len(pieces) % 2


def _quotes(body: bytes) -> int:
    return sum(body[at : at + _SLICE].count(b'"') for at in range(0, len(body), _SLICE))


def _has_long_number(part: bytes) -> bool:
    return _TOO_LONG in part.translate(_TO_ZEROS)
