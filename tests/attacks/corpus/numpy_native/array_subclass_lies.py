# goal: send an array that lies about its shape and its bytes
# technique: numpy_native
# field: host-lying-size
# packages: numpy
# expect: ok array([1., 2.])

import numpy as np


class Evil(np.ndarray):
    shape = (1_000_000,)
    nbytes = 0
    ndim = 0

    def tobytes(self, *rest):
        return b""


np.array([1.0, 2.0]).view(Evil)
