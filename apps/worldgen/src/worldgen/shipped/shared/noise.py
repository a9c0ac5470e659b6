"""Noise that is a pure function of where it is asked for.

Only additions, multiplications, square roots and integers: IEEE 754 rounds each of them in one way,
so that a point gets the same bits from whichever tile it is asked for, on every machine.
Gradient noise after K. Perlin, "Improving noise", SIGGRAPH 2002.
"""

import numpy as np

MASK = (1 << 64) - 1
TURN = (0.8, 0.6)  # octaves are turned against each other by an exact angle


def scramble(seed, salt):
    """One 64-bit number of a seed and a salt (the finaliser of splitmix64)."""
    z = (seed * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return np.uint64(z ^ (z >> 31))


def lattice(ix, iy, key):
    """64 random bits for each point of the lattice."""
    h = (ix * np.uint64(0x9E3779B97F4A7C15)) ^ (iy * np.uint64(0xC2B2AE3D27D4EB4F)) ^ key
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(32)
    return h


def part(bits, shift):
    """16 of the bits, as numbers from -1 to 1."""
    return ((bits >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.float64) / 32768.0 - 1.0


def fade(t):
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)


def smooth(low, high, value):
    """0 below low, 1 above high, and a soft step between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def gradient(x, y, seed, salt):
    """Gradient noise of wavelength 1, about -1 to 1."""
    key = scramble(seed, salt)
    floor_x, floor_y = np.floor(x), np.floor(y)
    left, top = floor_x.min(), floor_y.min()
    wide, high = int(floor_x.max() - left) + 2, int(floor_y.max() - top) + 2
    fx, fy = x - floor_x, y - floor_y
    if wide * high > x.size:  # finer than the points: most of the lattice is never asked for
        ix, iy = floor_x.astype(np.int64).view(np.uint64), floor_y.astype(np.int64).view(np.uint64)

        def corner(i, j, dx, dy):
            bits = lattice(ix + np.uint64(i), iy + np.uint64(j), key)
            return part(bits, 0) * dx + part(bits, 20) * dy

    else:  # the slopes of the whole lattice once, and then looked up
        bits = lattice(
            np.arange(int(left), int(left) + wide).view(np.uint64),
            np.arange(int(top), int(top) + high).view(np.uint64)[:, None],
            key,
        )
        east, south = part(bits, 0).ravel(), part(bits, 20).ravel()
        place = ((floor_y - top) * wide + (floor_x - left)).astype(np.int64)

        def corner(i, j, dx, dy):
            at = place + (j * wide + i)
            return east.take(at) * dx + south.take(at) * dy

    u, v = fade(fx), fade(fy)
    n00, n10 = corner(0, 0, fx, fy), corner(1, 0, fx - 1.0, fy)
    n01, n11 = corner(0, 1, fx, fy - 1.0), corner(1, 1, fx - 1.0, fy - 1.0)
    upper = n00 + u * (n10 - n00)
    lower = n01 + u * (n11 - n01)
    return 1.6 * (upper + v * (lower - upper))


def step_of(x, y):
    """The distance between neighbouring points of a tile, in metres: of what the host gave, never of
    coordinates that were bent, since these are not equally far apart."""
    return max(abs(float(x[0, 1] - x[0, 0])), abs(float(y[1, 0] - y[0, 0])))


def octaves(step, wavelength, most):
    """How many octaves can be seen at this distance between points: what is finer would be grain."""
    count = 1
    while count < most and wavelength / 2.0**count > 2.0 * step:
        count += 1
    return count


def fractal(x, y, step, seed, salt, wavelength, most, gain=0.5):
    """Octaves of gradient noise, each finer and weaker, about -1 to 1."""
    u, v = x / wavelength, y / wavelength
    total, weight = np.zeros_like(x), 1.0
    for octave in range(octaves(step, wavelength, most)):
        total += weight * gradient(u, v, seed, salt + octave)
        u, v = 2.0 * (TURN[0] * u - TURN[1] * v) + 17.3, 2.0 * (TURN[1] * u + TURN[0] * v) - 5.1
        weight *= gain
    return total


def ridged(x, y, step, seed, salt, wavelength, most, gain=0.55):
    """Octaves of folded noise: crests where it crosses zero, finer ones on the flanks; 0 to 1."""
    u, v = x / wavelength, y / wavelength
    total, weight, scale, norm = np.zeros_like(x), np.ones_like(x), 1.0, 0.0
    count = octaves(step, wavelength, most)
    for octave in range(most):
        norm += scale
        if octave < count:
            crest = np.maximum(1.0 - np.abs(gradient(u, v, seed, salt + octave)) * 1.25, 0.0)
            crest *= crest * weight
            total += scale * crest
            weight = np.clip(crest * 2.0, 0.0, 1.0)
            u, v = 2.0 * (TURN[0] * u - TURN[1] * v) + 3.7, 2.0 * (TURN[1] * u + TURN[0] * v) - 9.2
        scale *= gain
    return total / norm


def cells(x, y, seed, salt):
    """Distance to the nearest of one random point per cell of size 1, and that point's own bits."""
    key = scramble(seed, salt)
    floor_x, floor_y = np.floor(x), np.floor(y)
    best = np.full(x.shape, 9.0)
    owner = np.zeros(x.shape, dtype=np.uint64)
    for dx in (-1.0, 0.0, 1.0):
        for dy in (-1.0, 0.0, 1.0):
            cx, cy = floor_x + dx, floor_y + dy
            bits = lattice(
                cx.astype(np.int64).view(np.uint64), cy.astype(np.int64).view(np.uint64), key
            )
            px = cx + 0.5 + 0.42 * part(bits, 0) - x
            py = cy + 0.5 + 0.42 * part(bits, 16) - y
            distance = px * px + py * py
            nearer = distance < best
            best = np.where(nearer, distance, best)
            owner = np.where(nearer, bits, owner)
    return np.sqrt(best), owner
