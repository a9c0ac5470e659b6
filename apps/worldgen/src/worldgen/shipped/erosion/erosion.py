"""Gullies along the slope, as running water leaves them.

Stripes of noise that follow the direction of the slope, each octave following the slope that the
ones before have made: the idea of C. John's and R. S. Johansen's erosion filters, written anew for
arrays. It is no simulation: each point knows its own slope and nothing else, and so tiles fit.
"""

import numpy as np
from noise import lattice, part, scramble, smooth, step_of


def slope_of(height, step):
    """Its gradient: central differences, one-sided on the rim, which the host cuts off."""
    dx, dy = np.empty_like(height), np.empty_like(height)
    dx[:, 1:-1] = (height[:, 2:] - height[:, :-2]) / (2.0 * step)
    dx[:, 0], dx[:, -1] = dx[:, 1], dx[:, -2]
    dy[1:-1] = (height[2:] - height[:-2]) / (2.0 * step)
    dy[0], dy[-1] = dy[1], dy[-2]
    return dx, dy


def wave(t):
    """A cosine of period 1 made of parabolas, and its derivative."""
    t = t - np.floor(t)
    s = 4.0 * t - 1.0
    up = t < 0.5
    r = np.where(up, s, s - 2.0)
    value = np.where(up, 1.0 - r * r, r * r - 1.0)
    slope = np.where(up, -8.0 * r, 8.0 * r)
    return value, slope


def gullies(x, y, seed, salt, across_x, across_y):
    """Stripes across a direction, blended over the cells around: their height and their gradient."""
    key = scramble(seed, salt)
    floor_x, floor_y = np.floor(x), np.floor(y)
    total, gx, gy, weights = (np.zeros_like(x) for _ in range(4))
    for dx in (-1.0, 0.0, 1.0, 2.0):
        for dy in (-1.0, 0.0, 1.0, 2.0):
            cx, cy = floor_x + dx, floor_y + dy
            bits = lattice(
                cx.astype(np.int64).view(np.uint64), cy.astype(np.int64).view(np.uint64), key
            )
            px = x - cx + 0.5 * part(bits, 0)
            py = y - cy + 0.5 * part(bits, 20)
            near = np.maximum(1.0 - (px * px + py * py) / 2.25, 0.0)
            weight = near * near
            value, slope = wave(px * across_x + py * across_y + 0.25)
            total += weight * value
            gx += weight * slope * across_x
            gy += weight * slope * across_y
            weights += weight
    weights = np.maximum(weights, 1e-9)
    return total / weights, gx / weights, gy / weights


def shape(x, y, seed, elevation, *, strength=0.6, branches=5, size=36.0):
    step = step_of(x, y)
    sx, sy = slope_of(elevation, step)
    height = elevation.copy()
    scale = size * 1000.0
    # Seen from afar only the large slopes count.
    for octave in range(branches):
        if scale < 3.0 * step:
            break
        steep = np.sqrt(sx * sx + sy * sy)
        length = np.maximum(steep, 1e-6)
        stripes, gx, gy = gullies(
            x / scale, y / scale, seed, 400 + octave, -sy / length * 0.9, sx / length * 0.9
        )
        on_slope = smooth(0.002, 0.05, steep) * smooth(-20.0, 200.0, height)
        depth = strength * 0.045 * scale * on_slope * np.minimum(steep * 6.0, 1.0)
        height += depth * (stripes - 0.35)
        sx = sx + depth * gx / scale
        sy = sy + depth * gy / scale
        scale *= 0.5
    # What was land stays land: gullies end at the beach.
    return np.where(elevation > 0.0, np.maximum(height, np.minimum(elevation, 4.0)), elevation)
