"""JSON as PocketPy reads it."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["write_json"]

_ESCAPE: Final = re.compile(r"\\(u00[01][0-9a-f]|.)")


def write_json(text: str) -> str:
    """Python's JSON, in PocketPy's."""
    return _ESCAPE.sub(_plain, text)


def _plain(escape: re.Match[str]) -> str:
    """A control character as it is, for PocketPy knows no other way to write most of them."""
    what = escape[1]
    if what.startswith("u"):
        return chr(int(what[1:], 16))
    return {"b": "\b", "f": "\f"}.get(what, escape[0])
