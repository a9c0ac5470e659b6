"""Which names a file of a guest's scratch folder may have where the host can name it.

The same rule holds for files that are given, uploaded, listed and written out: what a guest can
call its files is wider, and a name that breaks the rule is told, escaped, and never used.
"""

from __future__ import annotations

import re

__all__ = ["MAX_FILE_DEPTH", "MAX_FILE_NAME", "printable", "why_not_a_name"]

MAX_FILE_NAME = 255
"""Bytes of one part of a name, in UTF-8: what file systems take."""

MAX_FILE_DEPTH = 16
"""Parts of a name: ``a/b/c`` has three."""

# C0, C1, line and paragraph separators; surrogates stand for bytes that are no UTF-8.
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")
_SURROGATE = re.compile("[\\ud800-\\udfff]")


def why_not_a_name(name: str) -> str | None:
    """Why ``name`` cannot name a file, for people; None when it can.

    Args:
        name: a relative POSIX path.
    """
    if not name or "\\" in name or "\0" in name:
        return "is not a relative path"
    if _SURROGATE.search(name):
        return "holds a surrogate, which UTF-8 cannot say"
    if _CONTROL.search(name):
        return "holds a control character"
    parts = name.split("/")
    if (
        name.startswith("/")
        or len(parts) > MAX_FILE_DEPTH
        or any(part in ("", ".", "..") or len(part.encode()) > MAX_FILE_NAME for part in parts)
    ):
        return "is not a relative path without '..'"
    return None


def printable(text: str, longest: int = 500) -> str:
    """Text of a guest's on one line, with what does not print written out as in a Python literal.

    Backslashes are doubled, so that different texts stay different.

    Args:
        text: any text.
        longest: characters that are kept.
    """
    if len(text) > longest:
        text = text[:longest] + "…"
    return "".join(
        c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode() for c in text
    )
