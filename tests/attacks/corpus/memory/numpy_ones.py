# goal: make an array of eight gigabytes
# technique: memory
# limits: memory=64MiB
# packages: numpy
# trap: 4
# expect: limit memory alive

import numpy

numpy.ones(10**9).nbytes
