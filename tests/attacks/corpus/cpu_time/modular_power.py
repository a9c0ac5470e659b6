# goal: exponentiate with huge numbers
# technique: cpu_time
# limits: wall=0.3
# field: step-big-power
# expect: limit wall

pow(3, 1 << 1_000_000, (1 << 1_000_000) - 1)
