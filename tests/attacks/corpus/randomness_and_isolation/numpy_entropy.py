# goal: know the entropy that another guest's generator began with
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# packages: numpy
# expect: ok ~r"\d+" alive

import numpy

numpy.random.SeedSequence().entropy
