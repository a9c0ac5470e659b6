"""The hook spec that plugins of worlds are written for.

All hooks are called with world coordinates and have to be pure functions of them: a pixel is asked
for by every tile that shows it, or its neighbour, and has to come out the same, or seams are seen.
The distance between the points of a call is the same for all tiles of a zoom, and may be used to
leave out what is too fine to be seen.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from ringfence.plugins import Array, Case, HookSpec, Manifest, Range, Unit, hook
from worldgen.errors import WorldRefused
from worldgen.geometry import Window

__all__ = ["BIOMES", "LONGEST_REACH", "Terrain", "reach_of"]

BIOMES = (
    "not said", "ice", "tundra", "taiga", "steppe", "forest", "desert", "savanna", "jungle", "rock",
    "snow", "beach", "marsh",
)  # fmt: skip
"""What the classes of the hook ``biome`` are called, by number. The sea is told by its depth."""

_CASE = 24  # pixels of a test case, both ways

LONGEST_REACH = 16
"""Pixels around a point that a plugin may look at in ``shape``."""


def _sample(zoom: int, left: int, top: int) -> dict[str, Any]:
    """A small piece of a world."""
    x, y = Window(zoom, left, top, _CASE, _CASE).coordinates()
    return {"x": x, "y": y, "seed": 7}


def _on_ground(low: float, high: float, zoom: int = 4, **more: float) -> dict[str, Any]:
    """The same on a slope, in metres from west to east; other fields are equal everywhere."""
    sample = _sample(zoom, 300, -200)
    ground = np.ascontiguousarray(np.broadcast_to(np.linspace(low, high, _CASE), (_CASE, _CASE)))
    return {
        **sample,
        "elevation": ground,
        **{name: np.full((_CASE, _CASE), value) for name, value in more.items()},
    }


class Terrain(HookSpec, name="worldgen.terrain", version="1.0"):
    """The shape of a world, and what is on it.

    ``x`` and ``y`` are metres east and south of the middle of the world, arrays of one shape whose
    points are equally far apart; ``seed`` is the world's. ``elevation`` is in metres above the sea.
    """

    @hook(rule="first")
    def elevation(
        self,
        x: Annotated[Array[np.float64, "h w"], Unit("m")],
        y: Annotated[Array[np.float64, "h w"], Unit("m")],
        seed: int,
    ) -> Annotated[Array[np.float64, "h w"], Range(-11_000, 9_000), Unit("m")]:
        """The ground before anything is changed about it: the first plugin that has this makes it.

        Where none does, there are low hills in a shallow sea.
        """
        return _low_hills(x, y, seed)

    @hook(rule="fold", fold="elevation")
    def shape(
        self,
        x: Annotated[Array[np.float64, "h w"], Unit("m")],
        y: Annotated[Array[np.float64, "h w"], Unit("m")],
        seed: int,
        elevation: Annotated[Array[np.float64, "h w"], Range(-12_000, 12_000), Unit("m")],
    ) -> Annotated[Array[np.float64, "h w"], Range(-12_000, 12_000), Unit("m")]:
        """Change the ground: every plugin of the chain that has this, one after the other.

        A plugin that looks at neighbouring points says how many pixels far in its manifest, as
        ``reach`` in the table ``[host]``.
        """
        return elevation

    @hook(rule="fold", fold="water")
    def water(
        self,
        x: Annotated[Array[np.float64, "h w"], Unit("m")],
        y: Annotated[Array[np.float64, "h w"], Unit("m")],
        seed: int,
        elevation: Annotated[Array[np.float64, "h w"], Range(-12_000, 12_000), Unit("m")],
        water: Annotated[Array[np.float64, "h w"], Range(0, 1)],
    ) -> Annotated[Array[np.float64, "h w"], Range(0, 1)]:
        """How much of a point is fresh water: rivers and lakes, 0 to 1."""
        return water

    @hook(rule="fold", fold="hollow")
    def hollow(
        self,
        x: Annotated[Array[np.float64, "h w"], Unit("m")],
        y: Annotated[Array[np.float64, "h w"], Unit("m")],
        seed: int,
        elevation: Annotated[Array[np.float64, "h w"], Range(-12_000, 12_000), Unit("m")],
        hollow: Annotated[Array[np.float64, "h w"], Range(0, 1)],
    ) -> Annotated[Array[np.float64, "h w"], Range(0, 1)]:
        """How hollow the ground below a point is: caves, 0 to 1."""
        return hollow

    @hook(rule="first")
    def moisture(
        self,
        x: Annotated[Array[np.float64, "h w"], Unit("m")],
        y: Annotated[Array[np.float64, "h w"], Unit("m")],
        seed: int,
        elevation: Annotated[Array[np.float64, "h w"], Range(-12_000, 12_000), Unit("m")],
    ) -> Annotated[Array[np.float64, "h w"], Range(0, 1)]:
        """How wet the ground is, 0 to 1."""
        return np.full_like(x, 0.5)

    @hook(rule="first")
    def biome(
        self,
        x: Annotated[Array[np.float64, "h w"], Unit("m")],
        y: Annotated[Array[np.float64, "h w"], Unit("m")],
        seed: int,
        elevation: Annotated[Array[np.float64, "h w"], Range(-12_000, 12_000), Unit("m")],
        moisture: Annotated[Array[np.float64, "h w"], Range(0, 1)],
        water: Annotated[Array[np.float64, "h w"], Range(0, 1)],
    ) -> Annotated[Array[np.int8, "h w"], Range(0, 12)]:
        """What grows at a point: 0 not said, 1 ice, 2 tundra, 3 taiga, 4 steppe, 5 forest,
        6 desert, 7 savanna, 8 jungle, 9 rock, 10 snow, 11 beach, 12 marsh.

        Where no plugin says, the map has the colours of height alone.
        """
        return np.zeros(x.shape, dtype=np.int8)

    cases = (
        Case("elevation", _sample(0, 0, 0), "the whole of a continent"),
        Case("elevation", _sample(9, -70_000, 12_000), "a village far from the middle"),
        Case("shape", _on_ground(-4_000, 4_000), "from the deep sea into the mountains"),
        Case("shape", _on_ground(0, 0), "a plain at the level of the sea"),
        Case("water", _on_ground(-50, 900, water=0.0), "from a beach into hills"),
        Case("hollow", _on_ground(-50, 900, 8, hollow=0.0), "below a beach and hills"),
        Case("moisture", _on_ground(-50, 5_000), "from a beach to peaks"),
        Case("biome", _on_ground(-50, 5_000, moisture=0.6, water=0.0), "from a beach to peaks"),
        Case("biome", _on_ground(1, 400, moisture=0.0, water=1.0), "a river in a desert"),
    )


def _low_hills(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], seed: int) -> Any:
    """Bumps of parabolas: smooth, bounded, and the same bits everywhere."""
    total = np.zeros_like(x)
    for number, (size, height) in enumerate(((2_097_152.0, 420.0), (786_432.0, 260.0))):
        shift = ((seed * 2_654_435_761 + number * 40_503) % 65_536) / 65_536.0
        u, v = x / size + shift, y / size - 0.37 * shift
        u, v = u - np.floor(u) - 0.5, v - np.floor(v) - 0.5
        total += height * ((0.25 - u * u) * (0.25 - v * v) * 16.0 - 0.45)
    return total


def reach_of(manifest: Manifest) -> int:
    """How many pixels around a point a plugin looks at in ``shape``.

    Raises:
        WorldRefused: its manifest says something that cannot be.
    """
    unknown = manifest.host.keys() - {"reach"}
    if unknown:
        raise WorldRefused(
            f"{manifest}: {ascii(min(unknown))[:80]} in [host]: nothing is called so; known: reach"
        )
    reach = manifest.host.get("reach", 0)
    if type(reach) is not int or not 0 <= reach <= LONGEST_REACH:
        raise WorldRefused(
            f"{manifest}: reach in [host]: a whole number of pixels from 0 to {LONGEST_REACH} was "
            "expected"
        )
    return reach
