# goal: take a terabyte by one call
# technique: numpy_native
# field: step-list-repeat
# packages: numpy
# expect: limit memory ~"Unable to allocate 7.28 TiB for an array .*" alive

import numpy as np

np.ones((10**6, 10**6))
