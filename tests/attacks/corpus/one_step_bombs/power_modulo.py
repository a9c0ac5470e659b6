# goal: compute for hours by a power with a modulus
# technique: one_step_bombs
# field: step-big-power
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

pow(3, 1 << 400_000, (1 << 400_000) - 1) > 0
