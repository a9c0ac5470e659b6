# goal: compute for hours in one call of a C library
# technique: numpy_native
# field: step-sum-range
# packages: numpy
# limits: wall=0.5
# expect: limit wall ~".*"

import numpy as np

matrix = np.ones((2_000, 2_000))
while True:
    matrix = matrix @ matrix / 2_000
