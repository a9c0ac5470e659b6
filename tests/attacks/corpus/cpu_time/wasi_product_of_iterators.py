# goal: iterate for ever in C
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# field: step-sum-range
# expect: limit wall

import collections
import itertools

collections.deque(itertools.product(range(1000), repeat=10), maxlen=0)
