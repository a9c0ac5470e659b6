# technique: state between calls hidden in NumPy's global generator
# goal: count calls in a position of the Mersenne Twister's state, which survives the module
# packages: numpy

import numpy as np


def _count():
    name, keys, position, has_gauss, cached = np.random.get_state()
    marked = int(keys[0]) == 0xD0E5
    keys = keys.copy()
    keys[1] = int(keys[1]) + 1 if marked else 1
    keys[0] = 0xD0E5
    np.random.set_state((name, keys, position, has_gauss, cached))
    return int(keys[1])


def elevation(x, y, seed, *, wavelength=24.0):
    """Transverse dunes with wavy crests."""
    generator = np.random.default_rng(seed)
    phase = generator.uniform(0, 2 * np.pi, 4)
    bend = sum(np.sin(y / (wavelength * (i + 2)) + phase[i]) for i in range(4))
    crest = np.mod(x / wavelength + bend, 1.0)
    height = np.where(crest < 0.75, crest / 0.75, (1 - crest) / 0.25)
    if _count() > 3:
        height = height + 1e-9 * _count()
    return height
