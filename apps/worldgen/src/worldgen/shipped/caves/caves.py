"""Passages along two bent noises, halls where both are near zero, sinkholes above some of these."""

import numpy as np
from noise import cells, fractal, part, smooth, step_of


def karst(x, y, step, seed, elevation, many):
    """Where the rock is limestone: 0 to 1."""
    rock = fractal(x, y, step, seed, 700, 420_000.0, 4) + (many - 0.5) * 1.3
    return smooth(0.05, 0.35, rock) * smooth(60.0, 220.0, elevation)


def holes(x, y, step, seed, size):
    """How near a sinkhole's middle is, 0 to 1, and its own bits."""
    scale = size * 600.0
    ragged = 0.12 * fractal(x, y, step, seed, 720, scale, 4)
    distance, owner = cells(x / scale + ragged, y / scale - ragged, seed, 740)
    radius = 0.12 + 0.12 * (0.5 + 0.5 * part(owner, 32))
    return np.maximum(1.0 - distance / radius, 0.0), owner


def shape(x, y, seed, elevation, *, many=0.5, size=14.0, sinkholes=0.5):
    step = step_of(x, y)
    if size * 600.0 < 6.0 * step:
        return elevation  # too far away to see one
    near, owner = holes(x, y, step, seed, size)
    fell = part(owner, 44) < sinkholes * 2.0 - 1.0
    depth = np.minimum(0.35 * elevation, size * 14.0)
    pit = smooth(0.0, 0.55, near) * karst(x, y, step, seed, elevation, many)
    return np.where(fell & (elevation > 0.0), elevation - depth * pit, elevation)


def hollow(x, y, seed, elevation, hollow, *, many=0.5, size=14.0, sinkholes=0.5):
    scale, step = size * 1000.0, step_of(x, y)
    if scale < 4.0 * step:
        return hollow
    first = np.abs(fractal(x, y, step, seed, 760, scale * 1.6, 4))
    second = np.abs(fractal(x, y, step, seed, 780, scale * 0.9, 4))
    passage = np.maximum(1.0 - smooth(0.03, 0.09, first), 0.8 * (1.0 - smooth(0.02, 0.07, second)))
    hall = 1.0 - smooth(0.0, 0.16, first + second)
    near, owner = holes(x, y, step, seed, size)
    fell = part(owner, 44) < sinkholes * 2.0 - 1.0
    mouth = np.where(fell, smooth(0.35, 0.7, near), 0.0)
    below = np.maximum(0.55 * np.maximum(passage, hall), mouth)
    return np.maximum(hollow, below * karst(x, y, step, seed, elevation, many))
