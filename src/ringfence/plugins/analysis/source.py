"""From bytes to a syntax tree, under bounds: nothing is believed about a stranger's text.

Python's parser is made for a friend's text: a short one can make a tree that fills the memory. So
a text is measured before it is parsed. (What is too deep for it CPython's parser refuses itself,
with an exception, since 3.9.) What
is beyond a bound is a finding, never an exception, and never a tree that was read in part.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings
from dataclasses import dataclass

__all__ = ["MOST_BYTES", "MOST_LINES", "MOST_TOKENS", "Refusal", "Source", "read"]

MOST_BYTES = 2 << 20
"""Bytes of one module."""

MOST_LINES = 60_000
"""Lines of one module."""

MOST_TOKENS = 400_000
"""Words and signs of one module, about; a node of the tree takes half a kilobyte."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263
_BLANK = re.compile(rb"^[ \t\f]*(?:[#\r\n]|$)")
_UTF8 = {"utf-8", "utf8", "utf-8-sig", "utf_8", "u8", "ascii", "us-ascii"}
_ASCII_LIKE = re.compile(r"latin[-_]?\d+|iso[-_]8859[-_]\d+|cp125\d|windows[-_]125\d")
# Encodings in which ASCII bytes are ASCII letters.
_QUIET = threading.Lock()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no tree.

    Attributes:
        kind: ``unreadable`` (no Python that could be parsed), ``encoding`` or ``size``.
        line, column: where, from 1; 0 when it is about the whole.
        reason: for people.
    """

    kind: str
    line: int
    column: int
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """A module's text.

    Attributes:
        text: all of it; empty when the bytes are none.
        lines: how many.
        tree: its syntax, or why there is none.
        cookie: the line and name of a declared encoding that is not UTF-8, and that was followed:
            one in which ASCII is ASCII.
    """

    text: str
    lines: int
    tree: ast.Module | Refusal
    cookie: tuple[int, str] | None = None


def read(data: bytes) -> Source:
    """Parse a module, within the bounds. Never raises on what is in ``data``."""
    if len(data) > MOST_BYTES:
        reason = f"it has {len(data):,} bytes, and at most {MOST_BYTES:,} are analysed"
        return Source("", data.count(b"\n") + 1, Refusal("size", 0, 0, reason))
    lines = data.count(b"\n") + 1
    cookie = _foreign_cookie(data)
    name = "utf-8-sig"
    if cookie is not None:
        name = cookie[1].lower()
        if not _ASCII_LIKE.fullmatch(name):
            reason = f"it declares the encoding {ascii(name)[:40]}; what runs is another text"
            return Source("", lines, Refusal("encoding", cookie[0], 1, reason))
    try:
        text = data.decode(name)
    except (UnicodeDecodeError, LookupError) as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        reason = f"it is no {name[:20]}: {getattr(error, 'reason', 'there is no such encoding')}"
        return Source("", lines, Refusal("unreadable", line, 0, reason))
    lines = max(lines, text.count("\r") + 1)
    return Source(text, lines, _too_large(text, lines) or _parse(text), cookie)


def _foreign_cookie(data: bytes) -> tuple[int, str] | None:
    """The encoding that the first two lines declare, if it is not UTF-8: (line, name)."""
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", data[:4096], maxsplit=2)[:2], 1):
        if match := _COOKIE.match(line):
            name = match[1].decode("ascii", "replace")
            if name.lower() in _UTF8 or (data.isascii() and _ASCII_LIKE.fullmatch(name.lower())):
                return None
            return number, name
        if not _BLANK.match(line.removeprefix(b"\xef\xbb\xbf")):
            return None
    return None


def _too_large(text: str, lines: int) -> Refusal | None:
    if lines > MOST_LINES:
        reason = f"it has {lines:,} lines, and at most {MOST_LINES:,} are analysed"
        return Refusal("size", 0, 0, reason)
    if len(text) > MOST_TOKENS:  # else there cannot be as many
        tokens = sum(1 for _ in _TOKEN.finditer(text))
        if tokens > MOST_TOKENS:
            reason = f"it has {tokens:,} words and signs, and at most {MOST_TOKENS:,} are analysed"
            return Refusal("size", 0, 0, reason)
    return None


def _parse(text: str) -> ast.Module | Refusal:
    try:
        with _QUIET, warnings.catch_warnings():
            # An invalid escape is a warning of the author's; the filters belong to the process.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 0
        column = getattr(error, "offset", None) or 0
        message = getattr(error, "msg", None) or str(error)
        kind = "size" if "too many" in str(message) else "unreadable"
        return Refusal(kind, max(line, 0), max(column, 0), ascii(str(message))[1:-1][:120])
    except (MemoryError, RecursionError, OverflowError):
        return Refusal("size", 0, 0, "it is too deep for Python's own parser")
    return tree
