# packages: numpy
"""Ridged mountains from folded value noise."""
import numpy as np


def _lattice(ix, iy, seed):
    n = (ix.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) ^ (iy.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F))
    n = (n ^ np.uint64(seed)) * np.uint64(0xD6E8FEB86659FD93)
    return ((n >> np.uint64(40)).astype(np.float64)) / float(1 << 24)


def _noise(x, y, seed):
    ix, iy = np.floor(x), np.floor(y)
    fx, fy = x - ix, y - iy
    ux, uy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    a = _lattice(ix, iy, seed)
    b = _lattice(ix + 1, iy, seed)
    c = _lattice(ix, iy + 1, seed)
    d = _lattice(ix + 1, iy + 1, seed)
    return a + (b - a) * ux + (c - a) * uy + (a - b - c + d) * ux * uy


def elevation(x, y, seed, *, ridges=6, height=4_000.0):
    total = np.zeros_like(x)
    amplitude, frequency = 0.5, 1 / 2_000
    for octave in range(ridges):
        fold = 1 - np.abs(2 * _noise(x * frequency, y * frequency, seed + octave) - 1)
        total += amplitude * fold * fold
        amplitude /= 2
        frequency *= 2
    return height * total
