"""Makes text that a guest chose harmless on a terminal.

A terminal obeys what it is sent: ESC and the C1 controls move the cursor, rewrite what was printed,
set the clipboard or the window's title (ECMA-48, and OSC 52 of xterm); a carriage return or a
backspace overwrites; bidirectional and invisible format characters show another text than the one
that is there (Unicode TR 36, CVE-2021-42574). All of them are written out as Python would write
them in a string literal, ``\\x1b`` and ``\\u202e``. Tabs and line ends stay.
"""

from __future__ import annotations

import re

__all__ = ["Escaper", "escape", "escape_line"]

_INVISIBLE = (
    "\\u00ad"  # soft hyphen
    "\\u061c\\u180e\\u200b\\u200e\\u200f"  # marks; zero width. Joiners (200C, 200D) make emoji
    "\\u2028-\\u202e"  # line and paragraph separators, bidirectional embeddings and overrides
    "\\u2060-\\u206f"  # invisible operators, bidirectional isolates
    "\\ud800-\\udfff"  # halves of surrogate pairs, which no encoding takes
    "\\ufeff\\ufff9-\\ufffb"
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a"
    "\\U000e0000-\\U000e007f"  # tags: ASCII that nobody sees
)
_HARMFUL = re.compile(f"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f{_INVISIBLE}]|\\r(?!\\n)")
_HARMFUL_IN_A_LINE = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f{_INVISIBLE}]")


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escape(text: str) -> str:
    """``text`` with everything written out that a terminal would obey or not show."""
    return _HARMFUL.sub(_written_out, text)


def escape_line(text: str, longest: int = 500) -> str:
    """The same for text that must stay on its line: line ends and tabs are written out too.

    Args:
        text: what a guest, a package or a user chose.
        longest: characters that are kept.
    """
    if len(text) > longest:
        text = text[:longest] + "…"
    return _HARMFUL_IN_A_LINE.sub(_written_out, text)


class Escaper:
    """:func:`escape` for text that comes in pieces: a line end may be cut in two."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown now."""
        text = self._held + piece
        self._held = "\r" if text.endswith("\r") else ""
        return escape(text[: len(text) - len(self._held)])

    def end(self) -> str:
        """What was held back, when nothing more comes."""
        text, self._held = self._held, ""
        return escape(text)
