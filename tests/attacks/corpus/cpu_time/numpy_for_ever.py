# goal: multiply matrices in C for longer than the limit
# technique: cpu_time
# limits: wall=0.3
# packages: numpy
# expect: limit wall

import numpy

matrix = numpy.ones((1000, 1000))
for _ in range(1000):
    matrix = numpy.linalg.inv(matrix + numpy.eye(1000))
