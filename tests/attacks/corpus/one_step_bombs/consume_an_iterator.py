# goal: iterate for ever in one call
# technique: one_step_bombs
# field: step-sum-range
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

import collections
import itertools

collections.deque(itertools.repeat(0), maxlen=0)
