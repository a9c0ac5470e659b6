# goal: make an array of zeros that takes no page until it is touched
# technique: memory
# limits: memory=64MiB
# packages: numpy
# trap: 4
# expect: limit memory alive

import numpy

numpy.zeros(10**9).nbytes
