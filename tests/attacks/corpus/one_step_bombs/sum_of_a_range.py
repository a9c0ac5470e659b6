# goal: compute for years in one call
# technique: one_step_bombs
# field: step-sum-range
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

sum(range(10**18))
