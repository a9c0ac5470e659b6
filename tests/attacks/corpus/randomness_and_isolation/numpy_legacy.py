# goal: know another guest's random numbers from NumPy's global generator
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# packages: numpy
# expect: ok ~r"\d+" alive

import numpy

int(numpy.random.randint(1 << 62))
