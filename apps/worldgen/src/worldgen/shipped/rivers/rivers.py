"""Rivers along the lines where noise crosses zero, and tributaries near them."""

import numpy as np
from noise import fractal, gradient, smooth, step_of


def courses(x, y, seed, spacing):
    """Distances in metres to the nearest large river and to the nearest tributary."""
    size, step = spacing * 1000.0, step_of(x, y)
    bend = 0.10 * size
    wx = x + bend * fractal(x, y, step, seed, 500, size * 0.30, 4, gain=0.55)
    wy = y + bend * fractal(x, y, step, seed, 520, size * 0.30, 4, gain=0.55)
    main = away(wx, wy, seed, 540, size)
    second = away(wx + 0.3 * bend, wy - 0.2 * bend, seed, 541, size * 0.30)
    return main, second


def away(x, y, seed, salt, size):
    """About how far it is to where the noise crosses zero: its value over its gradient."""
    h = size / 64.0
    here = gradient(x / size, y / size, seed, salt)
    dx = gradient((x + h) / size, y / size, seed, salt) - here
    dy = gradient(x / size, (y + h) / size, seed, salt) - here
    steep = np.sqrt(dx * dx + dy * dy) / h
    return np.abs(here) / (steep + 0.35 / size)


def shape(x, y, seed, elevation, *, spacing=420.0, valleys=0.6):
    main, second = courses(x, y, seed, spacing)
    size = spacing * 1000.0
    inland = smooth(0.0, 120.0, elevation)
    # A valley is broad and shallow below, narrow and deep among mountains.
    wide = 0.045 * size
    floor = np.maximum(1.0 - main / wide, 0.0)
    joined = 1.0 - smooth(0.08, 0.42, main / (0.5 * size))
    side = np.maximum(1.0 - second / (0.4 * wide), 0.0) * joined
    cut = np.maximum(floor * floor, 0.55 * side * side)
    lowered = elevation * (1.0 - 0.75 * valleys * cut * inland)
    return np.where(elevation > 0.0, np.maximum(lowered, np.minimum(elevation, 3.0)), elevation)


def water(x, y, seed, elevation, water, *, spacing=420.0, width=1.6):
    main, second = courses(x, y, seed, spacing)
    size, step = spacing * 1000.0, step_of(x, y)
    # Broad in the lowlands, thin in the hills, and no river among the peaks; never thinner than what
    # can be seen.
    low = 1.0 - smooth(200.0, 1500.0, elevation)
    broad = width * 500.0 * (0.25 + 0.75 * low)
    seen = np.maximum(broad, 0.55 * step * (0.4 + 0.6 * low))
    large = 1.0 - smooth(0.7, 1.3, main / seen)
    joined = 1.0 - smooth(0.10, 0.42, main / (0.5 * size))
    thin = np.maximum(0.35 * broad, 0.42 * step) * (0.35 + 0.65 * joined)
    small = (1.0 - smooth(0.6, 1.4, second / thin)) * joined
    fresh = np.maximum(large, 0.8 * small) * (1.0 - smooth(1300.0, 2100.0, elevation))
    return np.where(elevation > 0.0, np.maximum(water, fresh), water)
