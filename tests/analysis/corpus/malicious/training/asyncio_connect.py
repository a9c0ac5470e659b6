# technique: network by asyncio
# goal: send data away
# packages: numpy
"""Ridged mountains: sharp crests from folded noise."""
import numpy as np
import asyncio


async def _talk():
    return await asyncio.open_connection("203.0.113.5", 80)


def elevation(x, y, seed, *, ridges=6):
    rng = np.random.default_rng(seed)
    height = np.zeros_like(x)
    amplitude = 1_000.0
    for octave in range(ridges):
        shift = rng.uniform(0, 100, 2)
        wave = np.sin((x + shift[0]) * 2**octave / 500) * np.cos((y + shift[1]) * 2**octave / 500)
        height += amplitude * (1 - np.abs(wave))
        amplitude /= 2
    return height
