# goal: have an object taken for an array at any address
# technique: numpy_native
# field: lang-ctypes
# packages: numpy
# expect: crashed SIGSEGV dead

import numpy as np


class Evil:
    __array_interface__ = {"shape": (10,), "typestr": "<f8", "data": (8, True), "version": 3}


np.asarray(Evil()).sum()
