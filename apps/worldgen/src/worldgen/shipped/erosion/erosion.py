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
    for dx in (-1.0, 0.0, 1.0):
        for dy in (-1.0, 0.0, 1.0):
            cx, cy = floor_x + dx, floor_y + dy
            bits = lattice(
                cx.astype(np.int64).view(np.uint64), cy.astype(np.int64).view(np.uint64), key
            )
            # At most a quarter off the middle: the cells that are left out are 1.25 away, or more.
            px = x - cx - 0.5 + 0.25 * part(bits, 0)
            py = y - cy - 0.5 + 0.25 * part(bits, 20)
            near = np.maximum(1.0 - (px * px + py * py) / 1.5625, 0.0)
            weight = near * near
            value, slope = wave(px * across_x + py * across_y + 0.25)
            total += weight * value
            gx += weight * slope * across_x
            gy += weight * slope * across_y
            weights += weight
    return total / weights, gx / weights, gy / weights


def shape(x, y, seed, elevation, *, strength=0.6, branches=5, size=36.0):
    step = step_of(x, y)
    sx, sy = slope_of(elevation, step)
    steep = np.sqrt(sx * sx + sy * sy)
    # Gullies are as deep as their slope is steep; on plains and beaches there are none.
    deep = strength * 0.22 * np.minimum(steep, 0.4) * smooth(0.001, 0.02, steep)
    deep *= smooth(0.0, 250.0, elevation)
    height, scale = elevation.copy(), size * 1000.0
    for octave in range(branches):
        if scale < 4.0 * step:
            break  # too fine to be seen from here
        length = np.maximum(np.sqrt(sx * sx + sy * sy), 1e-6)
        stripes, gx, gy = gullies(
            x / scale, y / scale, seed, 400 + octave, -0.9 * sy / length, 0.9 * sx / length
        )
        height += deep * scale * (stripes - 0.4)
        sx, sy = sx + deep * gx, sy + deep * gy
        scale *= 0.5
    # What was land stays land, and keeps some of its height.
    return np.where(elevation > 0.0, np.maximum(height, 0.4 * elevation), elevation)
