# goal: leave something for another guest in the memory of a library
# technique: numpy_native
# packages: numpy
# trap: 2
# twice: equal
# expect: ok 0.0

import numpy as np

before = getattr(np, "left_behind", 0.0)
np.left_behind = 1.0
before
