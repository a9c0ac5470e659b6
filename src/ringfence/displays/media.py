"""Media types: which are looked at, in which order, and whether content is what its type says.

The type and the content are both the guest's: a browser or an image viewer that believes the one
may be led into the other. So an image is one only if it begins as its format says it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["BY_RICHNESS", "SUFFIXES", "as_bytes", "as_text", "is_what_it_says"]

_SIGNATURES: Mapping[str, bytes] = MappingProxyType(
    {
        "image/png": b"\x89PNG\r\n\x1a\n",  # PNG specification, 5.2
        "image/jpeg": b"\xff\xd8\xff",  # ITU-T T.81, B.1.1.3: SOI, and the next marker
    }
)

BY_RICHNESS = (
    "image/png",
    "image/jpeg",
    "image/svg+xml",
    "text/html",
    "text/markdown",
    "text/latex",
    "application/json",
    "text/plain",
)
"""The types that are shown. Of a display the first one is: images before HTML, because they look
the same without scripts."""

SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        "image/png": ".png",
        "image/jpeg": ".jpg",
        "image/svg+xml": "-svg.txt",
        "text/html": "-html.txt",
        "text/markdown": ".md",
        "text/latex": ".tex",
        "application/json": ".json",
        "text/plain": ".txt",
    }
)
"""How their files' names end. A browser shows the source of HTML and SVG, and runs nothing."""


def is_what_it_says(kind: str, content: str | bytes) -> bool:
    """Whether ``content`` can be what media type ``kind`` says; unknown types never are."""
    signature = _SIGNATURES.get(kind)
    if signature is not None:
        return isinstance(content, bytes) and content.startswith(signature)
    return kind in SUFFIXES and isinstance(content, str)


def as_text(content: str) -> str:
    """Text that every encoding of Unicode takes: halves of surrogate pairs become ``?``."""
    return content.encode("utf-8", "replace").decode("utf-8")


def as_bytes(content: str | bytes) -> bytes:
    """What is written to a file: text as UTF-8."""
    return content if isinstance(content, bytes) else content.encode("utf-8", "replace")
