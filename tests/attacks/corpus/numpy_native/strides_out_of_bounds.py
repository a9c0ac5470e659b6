# goal: read memory beyond an array
# technique: numpy_native
# field: lang-ctypes
# packages: numpy
# expect: crashed SIGSEGV dead

import numpy as np

np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 40,), (8,)).sum()
