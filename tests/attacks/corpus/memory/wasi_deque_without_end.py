# goal: fill memory through a deque in C
# technique: memory
# needs: engine=wasi
# limits: memory=32MiB
# expect: limit memory

import collections
import itertools

collections.deque(itertools.repeat(None))
