# technique: none
# goal: islands from a seeded generator, blended by a smooth minimum
# packages: numpy

from itertools import starmap
from typing import NamedTuple

import numpy as np


class Island(NamedTuple):
    """An island's middle, its radius and how high it is."""

    x: float
    y: float
    radius: float
    height: float

    def profile(self, x, y):
        distance = np.hypot(x - self.x, y - self.y) / self.radius
        return self.height * np.exp(-(distance**2)) - 0.25

    def __matmul__(self, other):
        """Distance of two islands' middles."""
        return float(np.hypot(self.x - other.x, self.y - other.y))


def _place(generator, count):
    placed = []
    for _ in range(40 * count):
        if len(placed) == count:
            break
        candidate = Island(
            *generator.uniform(0.1, 0.9, 2), generator.uniform(0.05, 0.2), generator.uniform(0.5, 1)
        )
        if all(candidate @ island > candidate.radius + island.radius for island in placed):
            placed.append(candidate)
    return placed


def _soft_maximum(layers, sharpness=12.0):
    stacked = np.stack(layers)
    peak = stacked.max(axis=0)
    return peak + np.log(np.exp(sharpness * (stacked - peak)).sum(axis=0)) / sharpness


def elevation(x, y, seed, *, count=7):
    """Sea floor is negative; the islands rise over it."""
    islands = _place(np.random.default_rng(seed), count)
    layers = [island.profile(x, y) for island in islands]
    return _soft_maximum([np.full(np.shape(x), -0.25), *layers])


def distances(seed, *, count=7):
    islands = _place(np.random.default_rng(seed), count)
    pairs = ((a, b) for i, a in enumerate(islands) for b in islands[i + 1 :])
    return sorted(starmap(lambda a, b: a @ b, pairs))
