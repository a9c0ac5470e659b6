# goal: know another guest's random numbers from a fresh generator
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# packages: numpy
# expect: ok ~r"\d+" alive

import numpy

int(numpy.random.default_rng().integers(1 << 62))
