# technique: frame by a computed name
# goal: reach builtins
# packages: numpy
"""Ridged mountains: sharp crests from folded noise."""
import numpy as np

_g = (x for x in ())
_frame = getattr(_g, "gi_" + "frame")
_space = getattr(_frame, "f_" + "builtins")


def elevation(x, y, seed, *, ridges=6):
    rng = np.random.default_rng(seed)
    height = np.zeros_like(x)
    amplitude = 1_000.0
    for octave in range(ridges):
        shift = rng.uniform(0, 100, 2)
        wave = np.sin((x + shift[0]) * 2**octave / 500) * np.cos((y + shift[1]) * 2**octave / 500)
        height += amplitude * (1 - np.abs(wave))
        amplitude /= 2
    return height
