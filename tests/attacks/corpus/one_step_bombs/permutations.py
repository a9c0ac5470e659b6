# goal: iterate over more than there are atoms
# technique: one_step_bombs
# field: step-sum-range
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

import itertools

max(itertools.permutations(range(30)))
