"""What grows where: a table of warmth and rain, after R. H. Whittaker's diagram."""

import numpy as np
from noise import fractal, smooth, step_of

SEA, ICE, TUNDRA, TAIGA, STEPPE, FOREST, DESERT, SAVANNA, JUNGLE, ROCK, SNOW, BEACH, MARSH = range(13)


def moisture(x, y, seed, elevation, *, rain=0.5):
    wet = 0.5 + 0.42 * fractal(x, y, step_of(x, y), seed, 600, 1_300_000.0, 5)
    coast = 0.18 * (1.0 - smooth(0.0, 700.0, elevation))
    high = 0.12 * smooth(400.0, 1400.0, elevation) - 0.2 * smooth(2200.0, 4000.0, elevation)
    return np.clip(wet + coast + high - 0.08 + (rain - 0.5) * 0.8, 0.0, 1.0)


def biome(x, y, seed, elevation, moisture, water, *, warmth=0.0, belt=4200.0):
    # Hot in the middle of the world, cold in the north and south, colder higher up.
    far = np.abs(y) / (belt * 1000.0)
    degrees = 29.0 - 38.0 * far - 0.0062 * np.maximum(elevation, 0.0)
    degrees += 4.5 * fractal(x, y, step_of(x, y), seed, 620, 600_000.0, 6) + warmth
    # Trees grow by the water.
    m = np.clip(moisture + 0.25 * water, 0.0, 1.0)
    kind = np.full(x.shape, FOREST, dtype=np.int8)
    hot, mild, cool = degrees > 20.0, degrees > 8.0, degrees > -1.0
    kind[hot] = JUNGLE
    kind[hot & (m < 0.62)] = SAVANNA
    kind[hot & (m < 0.36)] = DESERT
    kind[~hot & mild & (m < 0.42)] = STEPPE
    kind[~hot & mild & (m < 0.22)] = DESERT
    kind[~mild & cool] = TAIGA
    kind[~mild & cool & (m < 0.28)] = STEPPE
    kind[~cool] = TUNDRA
    kind[degrees < -9.0] = ICE
    low = elevation < 60.0
    kind[low & (m > 0.86) & mild] = MARSH
    bare = elevation > 2300.0 + 18.0 * degrees
    kind[bare & cool] = ROCK
    kind[(elevation > 1500.0) & (degrees < -4.0)] = SNOW
    kind[low & (elevation < 9.0) & mild] = BEACH
    kind[elevation <= 0.0] = SEA
    kind[(elevation <= 0.0) & (degrees < -10.0)] = ICE
    return kind
