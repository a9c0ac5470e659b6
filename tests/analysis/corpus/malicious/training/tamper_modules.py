# technique: sys.modules
# goal: put another module in the place of one
# packages: numpy
"""Islands: distance to the nearest of a few centres."""
import numpy as np
import sys
import types

_fake = types.ModuleType("json")
sys.modules["json"] = _fake


def elevation(x, y, seed, *, islands=5):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-1_000, 1_000, (islands, 2))
    nearest = np.full_like(x, np.inf)
    for cx, cy in centres:
        nearest = np.minimum(nearest, np.hypot(x - cx, y - cy))
    return 300.0 - nearest
