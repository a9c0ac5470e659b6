# goal: keep arrays until something gives
# technique: memory
# limits: memory=64MiB
# packages: numpy
# trap: 4
# expect: limit memory alive

import numpy

kept = []
while len(kept) < 1000:
    kept.append(numpy.ones(1 << 17))
len(kept)
