# goal: multiply two vectors into a matrix
# technique: memory
# limits: memory=64MiB
# packages: numpy
# trap: 4
# expect: limit memory alive

import numpy

vector = numpy.ones(100_000)
(vector[:, None] * vector).nbytes
