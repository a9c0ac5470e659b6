"""Continents, and ranges with sharp crests along belts."""

import numpy as np
from noise import fractal, gradient, ridged, smooth, step_of


def elevation(x, y, seed, *, ridges=8, height=3800.0, land=0.42, continents=2600.0):
    size, step = continents * 1000.0, step_of(x, y)
    # Coasts are bent by noise of their own, or continents would be round.
    bend = 0.16 * size
    wx = x + bend * fractal(x, y, step, seed, 100, size * 0.55, 3)
    wy = y + bend * fractal(x, y, step, seed, 120, size * 0.55, 3)
    broad = fractal(wx, wy, step, seed, 140, size, 3, gain=0.45)
    fine = fractal(x, y, step, seed, 160, size * 0.11, 7, gain=0.55)
    mass = broad + 0.11 * fine + (land - 0.5) * 1.1
    # Deep sea, a slope down from the shelf, a beach, a plain that rises inland.
    sea = -140.0 * smooth(0.0, 0.05, -mass) - 4300.0 * smooth(0.04, 0.42, -mass)
    hills = 160.0 * (1.0 + fine) * smooth(0.02, 0.25, mass)
    plain = 520.0 * smooth(0.0, 0.7, mass) + hills
    ground = np.where(mass > 0.0, plain + 12.0, sea)
    # Ranges stand along belts, where another noise crosses zero.
    belt = 1.0 - np.abs(gradient(wx / (size * 0.5), wy / (size * 0.5), seed, 180)) * 2.1
    belt = smooth(0.0, 0.95, belt) * smooth(0.0, 0.3, mass + 0.04)
    crests = ridged(
        x + 0.012 * size * fine, y - 0.012 * size * fine, step, seed, 200, size * 0.085, ridges
    )
    return ground + height * belt * (0.25 * belt + 1.35 * crests * (0.35 + 0.65 * belt))
