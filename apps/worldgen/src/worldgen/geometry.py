"""Where a tile lies in a world.

A world is a square of :data:`SIDE` metres with (0, 0) in its middle, x to the east and y to the
south. At zoom 0 it is two tiles wide and two high, and each zoom halves what a tile covers. Zooms
are powers of two and so are pixels, so that every coordinate is exact in binary: a point has the
same bits in whichever tile it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["DEEPEST", "PIXELS", "SIDE", "Tile", "Window"]

PIXELS = 256
"""Width and height of a tile."""

DEEPEST = 9
"""The last zoom: 32 m for a pixel."""

SIDE = float(1 << 23)
"""Metres from one edge of a world to the other."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of pixels at one zoom.

    Attributes:
        zoom: 0 to :data:`DEEPEST`.
        left, top: its first pixel, counted from the middle of the world.
        width, height: in pixels.
    """

    zoom: int
    left: int
    top: int
    width: int
    height: int

    @property
    def pixel(self) -> float:
        """Metres of a pixel; a power of two."""
        return SIDE / (2 * PIXELS << self.zoom)

    def widened(self, margin: int) -> Window:
        """With ``margin`` pixels more on each side."""
        return Window(
            self.zoom,
            self.left - margin,
            self.top - margin,
            self.width + 2 * margin,
            self.height + 2 * margin,
        )

    def coordinates(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The middles of its pixels in metres: ``x`` and ``y``, each of shape (height, width)."""
        across = (np.arange(self.left, self.left + self.width) + 0.5) * self.pixel
        down = (np.arange(self.top, self.top + self.height) + 0.5) * self.pixel
        shape = (self.height, self.width)
        return (
            np.ascontiguousarray(np.broadcast_to(across, shape)),
            np.ascontiguousarray(np.broadcast_to(down[:, None], shape)),
        )


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of the map.

    Attributes:
        z: the zoom.
        x, y: from ``-2**z`` to ``2**z - 1``, counted from the middle of the world.
    """

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether there is such a tile."""
        if not 0 <= self.z <= DEEPEST:
            return False
        half = 1 << self.z
        return -half <= self.x < half and -half <= self.y < half

    @property
    def window(self) -> Window:
        """Its pixels."""
        return Window(self.z, self.x * PIXELS, self.y * PIXELS, PIXELS, PIXELS)
