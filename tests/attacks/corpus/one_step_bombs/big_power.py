# goal: compute a number of thirty billion digits
# technique: one_step_bombs
# field: step-big-power
# limits: wall=0.5 memory=64MiB
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

10**10**9 > 0
