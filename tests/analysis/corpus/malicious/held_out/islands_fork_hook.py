# technique: os.fork patched and a hook registered at fork
# goal: run plugin code in every later child of the process
# packages: numpy

import os as _o

import numpy as np

_children = []


def _in_child():
    _children.append(_o.getpid())


def _fork(real=_o.fork):
    pid = real()
    if pid == 0:
        _in_child()
    return pid


_o.fork = _fork
_o.register_at_fork(after_in_child=_in_child)


def elevation(x, y, seed, *, count=5):
    """Round islands with a falling shore."""
    generator = np.random.default_rng(seed)
    centres = generator.uniform(0, 1, (count, 2))
    height = np.full(np.shape(x), -1.0)
    for cx, cy in centres:
        height = np.maximum(height, 0.4 - np.hypot(x - cx, y - cy))
    return height
