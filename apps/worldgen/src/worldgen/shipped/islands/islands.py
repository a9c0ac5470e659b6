"""Volcanic islands, and the atolls that are left of old ones."""

import numpy as np
from noise import cells, fractal, part, smooth, step_of


def shape(x, y, seed, elevation, *, many=0.5, spacing=90.0, height=1400.0):
    size, step = spacing * 1000.0, step_of(x, y)
    ragged = fractal(x, y, step, seed, 300, size * 0.5, 5, gain=0.55)
    wx = x + 0.16 * size * ragged
    wy = y + 0.16 * size * fractal(x, y, step, seed, 320, size * 0.5, 5, gain=0.55)
    distance, owner = cells(wx / size, wy / size, seed, 340)
    # Chains: islands are many where this noise is high, and none where it is low.
    chain = fractal(x, y, step, seed, 360, size * 7.0, 2) + (many - 0.5) * 1.4
    lots = smooth(0.02, 0.5, chain)
    big = 0.13 + 0.16 * (0.5 + 0.5 * part(owner, 32))
    near = np.maximum(1.0 - distance / big, -1.5)
    old = part(owner, 44) > 0.35  # an old volcano has sunk, and its reef is left
    cone = np.where(near > 0.0, near * near * (0.6 + 0.4 * near), near * 0.5)
    tall = height * (0.25 + 0.75 * (0.5 + 0.5 * part(owner, 8)))
    volcano = tall * cone * (1.0 + 0.35 * ragged) + 40.0 * smooth(0.0, 0.1, near)
    ring = 1.0 - np.abs(near - 0.42) * 4.6
    atoll = np.where(ring > 0.0, 22.0 * ring, 0.0) - 14.0 + np.where(near < 0.42, near - 0.42, 0.0) * 900.0
    island = np.where(old, atoll, volcano)
    floor = -60.0 + np.minimum(near, 0.0) * 1500.0
    raised = np.where(near > 0.0, island, floor)
    at_sea = smooth(20.0, 400.0, -elevation) * lots
    return np.where(raised > elevation, elevation + (raised - elevation) * at_sea, elevation)
