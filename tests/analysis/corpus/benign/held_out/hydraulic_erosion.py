# technique: none
# goal: droplets that erode a height field, seeded; caches indices within the call
# packages: numpy

"""Érosion hydraulique : des gouttes descendent, creusent et déposent."""

import functools

import numpy as np


def erode(heights, seed, *, droplets=400, life=24, inertia=0.1, capacity=4.0, rate=0.3):
    """A field after rain; the input is left as it is."""
    field = np.array(heights, dtype=np.float64)
    rows, columns = field.shape
    rng = np.random.default_rng(seed)

    @functools.cache
    def brush(row, column, radius=2):
        """Indices and weights of cells near a cell."""
        r0, r1 = max(row - radius, 0), min(row + radius + 1, rows)
        c0, c1 = max(column - radius, 0), min(column + radius + 1, columns)
        r, c = np.mgrid[r0:r1, c0:c1]
        w = np.maximum(radius + 0.5 - np.hypot(r - row, c - column), 0)
        return (slice(r0, r1), slice(c0, c1)), w / w.sum()

    def sample(y, x):
        r, c = int(y), int(x)
        v, u = y - r, x - c
        a, b = field[r, c], field[r, c + 1]
        d, e = field[r + 1, c], field[r + 1, c + 1]
        gradient = np.array([(d - a) * (1 - u) + (e - b) * u, (b - a) * (1 - v) + (e - d) * v])
        return a * (1 - u) * (1 - v) + b * u * (1 - v) + d * (1 - u) * v + e * u * v, gradient

    for _ in range(droplets):
        place = rng.uniform((0, 0), (rows - 1.001, columns - 1.001))
        direction, speed, water, load = np.zeros(2), 1.0, 1.0, 0.0
        for _ in range(life):
            cell = int(place[0]), int(place[1])
            height, gradient = sample(*place)
            direction = direction * inertia - gradient * (1 - inertia)
            length = np.hypot(*direction)
            if length < 1e-12:
                break
            direction /= length
            place = place + direction
            if not (0 <= place[0] < rows - 1 and 0 <= place[1] < columns - 1):
                break
            fall = sample(*place)[0] - height
            limit = max(-fall, 0.01) * speed * water * capacity
            window, weights = brush(*cell)
            if load > limit or fall > 0:
                dropped = min(fall, load) if fall > 0 else (load - limit) * rate
                load -= dropped
                field[cell] += dropped
            else:
                taken = min((limit - load) * rate, -fall)
                load += taken
                field[window] -= weights * taken
            speed = np.sqrt(max(speed * speed - fall * 4.0, 0.0))
            water *= 0.98
    return field
