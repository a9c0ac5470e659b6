# goal: send memory beyond an array to the host as its contents
# technique: numpy_native
# field: host-lying-size
# packages: numpy
# limits: value=1MiB
# expect: limit value "an array of 8388608 bytes; the limit is 1048576"

import numpy as np

np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 20,), (0,))
