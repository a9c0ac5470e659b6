# goal: consume an endless iterator in C
# technique: cpu_time
# limits: wall=0.3
# field: step-sum-range
# expect: limit wall dead

import collections
import itertools

collections.deque(itertools.repeat(None), maxlen=0)
