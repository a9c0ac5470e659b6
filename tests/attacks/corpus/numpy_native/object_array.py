# goal: return an array of objects
# technique: numpy_native
# field: host-unpickle
# packages: numpy
# expect: error EncodeError "an array of dtype object cannot cross; convert it to a plain dtype"

import numpy as np

np.array([object()], dtype=object)
