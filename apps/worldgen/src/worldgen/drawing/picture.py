"""Fields become a picture: hill shading, hypsometric colours, depth of water, rivers, biomes.

Each pixel is made of its neighbours at most :data:`MARGIN` away, by additions, multiplications and
square roots in a fixed order: a tile that is drawn with that margin has the bits that one picture
of everything would have.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from worldgen.drawing.palette import HOLLOW, RIVER, land_colour, sea_colour

__all__ = ["DRAWING_VERSION", "MARGIN", "Fields", "draw", "png"]

DRAWING_VERSION = 1
"""Goes into the key of every tile that is kept: another drawing is another tile."""

MARGIN = 2
"""Pixels around a picture that it needs to see."""

_SUN = (-0.55, -0.62, 0.56)  # from the north-west, as on maps
_SKY = ((0.3, -0.55, 0.78), (-0.6, 0.35, 0.72))


@dataclass(frozen=True)
class Fields:
    """What is known of every pixel, all of one shape (h, w).

    Attributes:
        elevation: metres above the sea.
        water: how much of a pixel is fresh water, 0 to 1.
        hollow: how hollow the ground below is, 0 to 1.
        biome: what grows there, a class of the spec; 0: not said.
    """

    elevation: npt.NDArray[np.float64]
    water: npt.NDArray[np.float64]
    hollow: npt.NDArray[np.float64]
    biome: npt.NDArray[np.int8]

    def cut(self, margin: int) -> Fields:
        """Without ``margin`` pixels on each side."""
        if not margin:
            return self
        inner = (slice(margin, -margin), slice(margin, -margin))
        return Fields(
            self.elevation[inner], self.water[inner], self.hollow[inner], self.biome[inner]
        )


def draw(fields: Fields, pixel: float, relief: float = 1.0) -> npt.NDArray[np.uint8]:
    """A picture of shape (h - 2 * MARGIN, w - 2 * MARGIN, 3).

    Args:
        fields: with :data:`MARGIN` pixels around what is drawn.
        pixel: metres of a pixel.
        relief: how strong hill shading is; 0 is flat, 1 is usual.
    """
    height = fields.elevation
    land = height > 0.0
    shade = _shading(height, pixel, relief)
    ground = land_colour(height, np.where(land, fields.biome, 0))
    ground *= shade[..., None]
    depth = sea_colour(np.minimum(height, 0.0))
    # The floor of the sea shows a little; ice lies on it where the spec's class says so.
    depth *= (1.0 + (shade - 1.0) * 0.28)[..., None]
    frozen = (~land & (fields.biome == 1))[..., None]
    depth = np.where(frozen, np.array((222.0, 234.0, 243.0)) * 0.88 + depth * 0.12, depth)
    below = np.clip(fields.hollow, 0.0, 1.0)[..., None] * 0.72
    ground += (HOLLOW - ground) * below
    fresh = np.clip(fields.water, 0.0, 1.0)[..., None]
    ground += (RIVER - ground) * fresh * 0.92
    colour = np.where(land[..., None], ground, depth)
    # A darker line along the coast, where a pixel of land has the sea beside it.
    colour *= (1.0 - 0.18 * _coast(land))[..., None]
    inner = colour[MARGIN:-MARGIN, MARGIN:-MARGIN]
    return np.clip(inner + 0.5, 0.0, 255.0).astype(np.uint8)


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """A picture of shape (h, w, 3) as PNG; the same picture is the same bytes."""
    target = io.BytesIO()
    Image.fromarray(picture, "RGB").save(target, "PNG", compress_level=4)
    return target.getvalue()


def _shading(
    height: npt.NDArray[np.float64], pixel: float, relief: float
) -> npt.NDArray[np.float64]:
    """How bright a slope is, about 1 where it is level; Horn's gradient, three lights."""
    dx, dy = np.zeros_like(height), np.zeros_like(height)
    left, right = height[:, :-2], height[:, 2:]
    across = right - left
    dx[1:-1, 1:-1] = (across[:-2] + 2.0 * across[1:-1] + across[2:]) / (8.0 * pixel)
    down = height[2:] - height[:-2]
    dy[1:-1, 1:-1] = (down[:, :-2] + 2.0 * down[:, 1:-1] + down[:, 2:]) / (8.0 * pixel)
    # From afar slopes look gentle: maps exaggerate them the more, the smaller their scale.
    lift = relief * (2.2 + 22.0 * pixel / (pixel + 2500.0))
    dx *= lift
    dy *= lift
    length = np.sqrt(1.0 + dx * dx + dy * dy)

    def light(direction: tuple[float, float, float]) -> npt.NDArray[np.float64]:
        east, south, up = direction
        lit: npt.NDArray[np.float64] = np.maximum((up - east * dx - south * dy) / length, 0.0)
        return lit

    sun = light(_SUN) / _SUN[2]
    sky = sum(light(one) / one[2] for one in _SKY) / len(_SKY)
    return np.clip(0.30 + 0.52 * sun + 0.18 * sky, 0.25, 1.55)


def _coast(land: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    edge = np.zeros(land.shape)
    middle = land[1:-1, 1:-1]
    beside = (
        (land[:-2, 1:-1] != middle)
        | (land[2:, 1:-1] != middle)
        | (land[1:-1, :-2] != middle)
        | (land[1:-1, 2:] != middle)
    )
    edge[1:-1, 1:-1] = beside & middle
    return edge
