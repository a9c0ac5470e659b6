"""What a body of JSON may be before anybody parses it: JSON amplifies, and nests.

``[[],[],…`` takes more than twenty times its length in memory, and a text of brackets alone makes
parsers recurse. Both are counted here, in time linear in the body and with no object for each part.
"""

from __future__ import annotations

import re
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

_QUOTED = re.compile(rb'"[^"]*"?')
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
    brackets = body.count(b"[") + body.count(b"{")
    if brackets > MOST_DEPTH or brackets + body.count(b",") > MOST_VALUES:
        _check_outline(body)
    if len(body) > MOST_DIGITS and _TOO_LONG in body.translate(_TO_ZEROS):
        _check_digits(body)


def _check_outline(body: bytes) -> None:
    """The same outside of texts, which may hold any number of brackets and commas."""
    if body.count(b'"') > MOST_QUOTES:
        raise Problem(
            "too-large",
            f"the body has more than {MOST_QUOTES} quotes; send large data as a file, or as arrays "
            "to a plugin's hook",
            errors=[Fault("body", f"at most {MOST_QUOTES} quotes", "more")],
        )
    outline = _QUOTED.sub(b"", _without_escapes(body).translate(None, _NOT_OUTLINE))
    if outline.count(b",") + outline.count(b"[") + outline.count(b"{") > MOST_VALUES:
        raise Problem(
            "too-large",
            f"the body has more than {MOST_VALUES} values; send large data as a file, or as arrays "
            "to a plugin's hook",
            errors=[Fault("body", f"at most {MOST_VALUES} values", "more")],
        )
    steps = map(_STEP.__getitem__, outline.translate(None, b',"'))
    if max(accumulate(steps), default=0) > MOST_DEPTH:
        raise Problem(
            "malformed",
            f"the body is nested deeper than {MOST_DEPTH} levels",
            errors=[Fault("body", f"at most {MOST_DEPTH} levels", "more")],
        )


def _check_digits(body: bytes) -> None:
    """The same outside of texts; where there are too many of those, a long number is not looked for
    among them.
    """
    if body.count(b'"') > MOST_QUOTES:
        raise Problem("too-large", "the body has too many texts, and digits in a row")
    rest = _QUOTED.sub(b"", _without_escapes(body))
    if _TOO_LONG in rest.translate(_TO_ZEROS):
        raise Problem(
            "malformed",
            f"a number has more than {MOST_DIGITS} digits; write it as a text",
            errors=[Fault("body", f"at most {MOST_DIGITS} digits", "more")],
        )


def _without_escapes(body: bytes) -> bytes:
    return body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body
