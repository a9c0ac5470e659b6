"""Colours of the map: how deep the sea is, how high the land, and what grows on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["BIOME_COLOURS", "HOLLOW", "RIVER", "land_colour", "sea_colour"]

Colours = npt.NDArray[np.float64]

_Stops = tuple[tuple[float, int, int, int], ...]  # metres, red, green, blue

_SEA = (
    (-9000.0, 9, 22, 52),
    (-5500.0, 14, 36, 78),
    (-4000.0, 19, 49, 99),
    (-2200.0, 26, 68, 124),
    (-900.0, 37, 93, 151),
    (-250.0, 58, 127, 180),
    (-90.0, 87, 161, 203),
    (-25.0, 126, 196, 219),
    (-6.0, 163, 218, 226),
    (0.0, 188, 231, 228),
)
_LAND = (
    (0.0, 148, 176, 112),
    (120.0, 137, 172, 104),
    (400.0, 160, 179, 112),
    (800.0, 191, 189, 131),
    (1400.0, 188, 165, 122),
    (2100.0, 160, 132, 104),
    (2900.0, 142, 121, 108),
    (3600.0, 176, 168, 164),
    (4300.0, 236, 238, 243),
    (9000.0, 252, 253, 255),
)

BIOME_COLOURS: tuple[tuple[int, int, int] | None, ...] = (
    None,  # 0: not said; coloured by height alone
    (236, 243, 248),  # ice
    (163, 163, 134),  # tundra
    (84, 121, 92),  # taiga
    (190, 184, 116),  # steppe
    (98, 146, 78),  # forest
    (227, 203, 148),  # desert
    (184, 178, 88),  # savanna
    (52, 117, 62),  # jungle
    (139, 127, 118),  # rock
    (247, 250, 253),  # snow
    (233, 220, 172),  # beach
    (104, 138, 104),  # marsh
)
"""By class; a class beyond the last is not said."""

RIVER = np.array((54.0, 124.0, 184.0))
"""Fresh water."""

HOLLOW = np.array((58.0, 42.0, 66.0))
"""What is below the ground."""


def sea_colour(height: npt.NDArray[np.float64]) -> Colours:
    """The colour of water of this depth (metres, negative), shape (h, w, 3), 0 to 255."""
    return _ramp(height, _SEA)


def land_colour(height: npt.NDArray[np.float64], biome: npt.NDArray[np.int8]) -> Colours:
    """The colour of the ground, shape (h, w, 3), 0 to 255: of its height, and of what grows."""
    bare = _ramp(height, _LAND)
    count = len(BIOME_COLOURS)
    known = np.where((biome > 0) & (biome < count), biome, 0)
    table = np.array([one or (0, 0, 0) for one in BIOME_COLOURS], dtype=np.float64)
    share = np.array([0.0 if one is None else 0.8 for one in BIOME_COLOURS])
    # A pixel takes a little of its neighbours' colours, or borders would look like stairs.
    weight = _softened(share[known])
    tinted = _softened(table[known] * share[known][..., None])
    return tinted + bare * (1.0 - weight)[..., None]


def _ramp(height: npt.NDArray[np.float64], stops: _Stops) -> Colours:
    """Colours between stops; beyond the last, the last."""
    heights, *channels = zip(*stops, strict=True)
    return np.dstack([np.interp(height, heights, channel) for channel in channels])


def _softened(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Blurred by (1 2 1) both ways; the rim stays as it is."""
    soft = values.copy()
    soft[1:-1] = 0.25 * values[:-2] + 0.5 * values[1:-1] + 0.25 * values[2:]
    across = soft.copy()
    across[:, 1:-1] = 0.25 * soft[:, :-2] + 0.5 * soft[:, 1:-1] + 0.25 * soft[:, 2:]
    return across
