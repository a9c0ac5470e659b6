# technique: none
# goal: ridged noise with a domain warp, seeded per octave
# packages: numpy

"""Crêtes alpines — bruit replié, déformé par un second bruit (φ, ψ ci-dessous)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class Octave:
    """Une octave : échelle et poids."""

    number: int
    scale: float = field(init=False)
    weight: float = field(init=False)

    def __post_init__(self) -> None:
        # une classe gelée se remplit par object.__setattr__
        object.__setattr__(self, "scale", 2.0**self.number)
        object.__setattr__(self, "weight", 0.5**self.number)


def _lattice(ix: np.ndarray, iy: np.ndarray, seed: int) -> np.ndarray:
    """Valeurs entières mélangées, dans [0, 1)."""
    h = ix.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    h ^= iy.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    h ^= np.uint64((seed * 0x165667B19E3779F9) & 0xFFFFFFFFFFFFFFFF)
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(32)
    return (h >> np.uint64(11)).astype(np.float64) / 2.0**53


def _noise(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    ix, iy = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    u, v = x - ix, y - iy
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    top = _lattice(ix, iy, seed) * (1 - u) + _lattice(ix + 1, iy, seed) * u
    bottom = _lattice(ix, iy + 1, seed) * (1 - u) + _lattice(ix + 1, iy + 1, seed) * u
    return top * (1 - v) + bottom * v


def elevation(x, y, seed, *, ridges=6, warp=0.35):
    """Hauteur entre 0 et 1 ; φ et ψ sont le déplacement du domaine."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    φ = _noise(x, y, seed + 101) - 0.5
    ψ = _noise(x, y, seed + 202) - 0.5
    x, y = x + warp * φ, y + warp * ψ
    total, weights = np.zeros_like(x), 0.0
    for octave in map(Octave, range(ridges)):
        folded = 1.0 - np.abs(2.0 * _noise(x * octave.scale, y * octave.scale, seed + octave.number) - 1.0)
        total += octave.weight * folded**2
        weights += octave.weight
    return total / weights
