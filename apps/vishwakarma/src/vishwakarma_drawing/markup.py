"""Numbers, colours and text as SVG has them."""

from __future__ import annotations

import functools
import re
from xml.sax.saxutils import quoteattr

__all__ = ["NOT_XML", "attribute", "number", "paint", "pair", "scaled"]

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def number(value: float) -> str:
    """A number with all of its digits that matter."""
    return f"{value + 0.0:.12g}"


def pair(x: float, y: float) -> str:
    """A point of the paper: y of SVG points down."""
    return f"{number(x)},{number(-y)}"


def attribute(text: str) -> str:
    """Text as the value of an attribute, with its quotes."""
    return quoteattr(NOT_XML.sub("\ufffd", text))


@functools.lru_cache(maxsize=65_536)
def paint(what: str, color: int) -> str:
    """``fill`` or ``stroke`` in a colour 0xRRGGBBAA."""
    opacity = color & 0xFF
    solid = f'{what}="#{color >> 8:06x}"'
    return solid if opacity == 0xFF else f'{solid} {what}-opacity="{opacity / 255:.4g}"'


@functools.lru_cache(maxsize=65_536)
def scaled(color: int, factor: float) -> int:
    """A colour that is lighter or darker."""
    red, green, blue = (min(255, int(((color >> shift) & 0xFF) * factor)) for shift in (24, 16, 8))
    return red << 24 | green << 16 | blue << 8 | color & 0xFF
