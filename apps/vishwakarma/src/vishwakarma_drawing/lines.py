"""What is drawn with lines: arcs as points, and the lines of a hatch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vishwakarma_api.v1 import shapes

__all__ = ["arc_points", "hatch_lines", "sweep_of"]

_MOST_HATCH_LINES = 5_000


def sweep_of(arc: shapes.Arc2D) -> float:
    """How far an arc goes, in degrees: more than 0, at most 360."""
    return (arc.end - arc.start) % 360.0 or 360.0


def arc_points(
    x: float, y: float, radius: float, start: float = 0.0, sweep: float = 360.0
) -> list[tuple[float, float]]:
    """Points of an arc, one for each 7.5 degrees or less."""
    steps = max(2, math.ceil(sweep / 7.5))
    angles = [math.radians(start + sweep * i / steps) for i in range(steps + 1)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


def hatch_lines(
    hatch: shapes.Hatch2D,
) -> list[tuple[tuple[float, float], tuple[float, float]]] | None:
    """The lines of a hatch, cut to its outline by the even-odd rule; None when they are so many
    that nobody could tell them apart.
    """
    angle = math.radians(hatch.angle)
    cos, sin = math.cos(angle), math.sin(angle)
    turned = [(cos * x + sin * y, cos * y - sin * x) for x, y in hatch.points]
    low, high = min(v for _, v in turned), max(v for _, v in turned)
    if (high - low) / hatch.spacing > _MOST_HATCH_LINES:
        return None
    found = []
    for row in range(math.ceil(low / hatch.spacing), math.floor(high / hatch.spacing) + 1):
        cuts = _crossings(turned, row * hatch.spacing)
        for left, right in zip(cuts[::2], cuts[1::2], strict=False):
            found.append(
                (
                    (
                        cos * left - sin * row * hatch.spacing,
                        sin * left + cos * row * hatch.spacing,
                    ),
                    (
                        cos * right - sin * row * hatch.spacing,
                        sin * right + cos * row * hatch.spacing,
                    ),
                )
            )
    return found


def _crossings(points: Sequence[tuple[float, float]], v: float) -> list[float]:
    found = []
    for (u1, v1), (u2, v2) in zip(points, [*points[1:], points[0]], strict=True):
        if (v1 <= v) != (v2 <= v):
            found.append(u1 + (v - v1) * (u2 - u1) / (v2 - v1))
    return sorted(found)
