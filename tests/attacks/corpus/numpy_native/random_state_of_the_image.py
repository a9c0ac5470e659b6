# goal: predict the random numbers of another guest, which started from the same image
# technique: numpy_native
# packages: numpy
# trap: 1
# twice: differ
# expect: ok ~"\\[.*\\]"

import random

import numpy as np

[float(np.random.random()), float(np.random.default_rng().random()), random.random()]
