# goal: make one call of NumPy that takes minutes
# technique: cpu_time
# limits: wall=0.3
# packages: numpy
# expect: limit wall dead

import numpy

numpy.einsum("ij,jk,kl,lm->im", *[numpy.ones((400, 400))] * 4)[0, 0]
