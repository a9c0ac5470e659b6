"""Where points of the model are on the paper."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["ISOMETRIC", "PLAN", "View"]

_COS, _SIN = math.cos(math.radians(30)), math.sin(math.radians(30))


class View(NamedTuple):
    """A parallel projection: three rows that x, y and z are multiplied by.

    Args:
        name: ``plan`` or ``isometric``.
        right: how far to the right on the paper.
        up: how far up.
        near: how near to the eye.
    """

    name: str
    right: tuple[float, float, float]
    up: tuple[float, float, float]
    near: tuple[float, float, float]

    def place(self, x: float, y: float, z: float = 0.0) -> tuple[float, float]:
        """A point on the paper."""
        r, u = self.right, self.up
        return (r[0] * x + r[1] * y + r[2] * z, u[0] * x + u[1] * y + u[2] * z)

    def bounds(
        self, x1: float, y1: float, z1: float, x2: float, y2: float, z2: float
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """Of a box along the axes the lower left and the upper right corner on the paper."""
        low, high = [], []
        for a, b, c in (self.right, self.up):
            x, y, z = (a * x1, a * x2), (b * y1, b * y2), (c * z1, c * z2)
            low.append(min(x) + min(y) + min(z))
            high.append(max(x) + max(y) + max(z))
        return (low[0], low[1]), (high[0], high[1])

    def nearness(self, x: float, y: float, z: float = 0.0) -> float:
        """Greater is nearer."""
        n = self.near
        return n[0] * x + n[1] * y + n[2] * z


PLAN = View("plan", (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
"""From above."""
ISOMETRIC = View("isometric", (_COS, _COS, 0.0), (-_SIN, _SIN, 1.0), (1.0, -1.0, 1.0))
"""From the front right, and above: x goes to the lower right, y to the upper right."""
