# goal: leave NumPy's generator seeded for the next guest
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# packages: numpy
# expect: ok ~r"\d+" alive

import numpy

value = int(numpy.random.randint(1 << 62))
numpy.random.seed(1)
value
