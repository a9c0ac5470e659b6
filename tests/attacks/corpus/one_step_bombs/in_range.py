# goal: search for years in one operator
# technique: one_step_bombs
# field: step-sum-range
# trap: 27
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

0.5 in range(10**18)
