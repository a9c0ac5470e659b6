# goal: compute for ever
# technique: one_step_bombs
# field: step-sum-range
# limits: cpu=0.5
# expect: limit cpu "the guest reached its limit cpu=0.5 s" alive

while True:
    pass
