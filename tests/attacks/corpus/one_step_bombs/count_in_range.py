# goal: count for years in one call
# technique: one_step_bombs
# field: step-sum-range
# limits: cpu=0.5
# expect: limit cpu "the guest reached its limit cpu=0.5 s" dead

range(10**18).count(0.5)
