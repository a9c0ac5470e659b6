# technique: class walk
# goal: find the importer
# packages: numpy
"""Islands: distance to the nearest of a few centres."""
import numpy as np

for _c in "".__class__.__mro__[1].__subclasses__():
    if "Importer" in _c.__name__:
        _c.load_module("posix")


def elevation(x, y, seed, *, islands=5):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-1_000, 1_000, (islands, 2))
    nearest = np.full_like(x, np.inf)
    for cx, cy in centres:
        nearest = np.minimum(nearest, np.hypot(x - cx, y - cy))
    return 300.0 - nearest
