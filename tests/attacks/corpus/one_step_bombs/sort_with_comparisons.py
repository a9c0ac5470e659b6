# goal: sort for hours
# technique: one_step_bombs
# field: step-sum-range
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s"

import functools

sorted(range(10**6), key=functools.cmp_to_key(lambda a, b: (a * 7919) % 104729 - (b * 7919) % 104729))
