"""What a document holds beside shapes: units, boxes, the geometry of block instances.

Elements and layers are those of the API: extensions and the application mean the same by them.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from vishwakarma_api.v1.elements import DEFAULT_LAYER, Element, Layer
from vishwakarma_app.errors import DocumentError

__all__ = [
    "DEFAULT_LAYER",
    "UNITS",
    "Box",
    "Definition",
    "Element",
    "Geometry",
    "Layer",
    "unit_in_metres",
]

UNITS = {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0, "in": 0.0254, "ft": 0.3048, "none": 0.0}
"""Units of length, in metres; ``none`` says nothing about it."""


def unit_in_metres(unit: str) -> float | None:
    """How long a unit is; None when the document does not say.

    Raises:
        DocumentError: there is no such unit.
    """
    if unit not in UNITS:
        raise DocumentError(f"no unit {str(unit)[:40]!r}; there are {', '.join(UNITS)}")
    return UNITS[unit] or None


class Box(NamedTuple):
    """A box along the axes: smallest and largest x, y and z, edges included."""

    x1: float
    y1: float
    z1: float
    x2: float
    y2: float
    z2: float

    def meets(self, other: Box) -> bool:
        """Whether the two have a point in common."""
        x1, y1, z1, x2, y2, z2 = self
        left, front, low, right, back, high = other
        return (
            x1 <= right and left <= x2 and y1 <= back and front <= y2 and z1 <= high and low <= z2
        )

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.x1, other.x1),
            min(self.y1, other.y1),
            min(self.z1, other.z1),
            max(self.x2, other.x2),
            max(self.y2, other.y2),
            max(self.z2, other.z2),
        )


class Definition(NamedTuple):
    """What a block is made by.

    Args:
        source: a script. The document does not run it, and does not look into it.
        publisher: who wrote it, as whoever defined it said; empty: the document itself. Scripts of
            different publishers never share a guest.
    """

    source: str
    publisher: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Geometry:
    """What a block instance looked like when it was evaluated last.

    Args:
        data: packed primitives. The document keeps the bytes and does not look into them: whoever
            draws them checks them.
        box: what they fill, in the block's own coordinates; None: nothing.
    """

    data: bytes
    box: Box | None
