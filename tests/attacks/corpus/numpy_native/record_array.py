# goal: return an array of records that holds objects
# technique: numpy_native
# field: host-unpickle
# packages: numpy
# expect: error EncodeError ~"an array of dtype \\[.*\\] cannot cross; convert it to a plain dtype"

import numpy as np

np.zeros(3, dtype=[("a", "i4"), ("b", "O")])
