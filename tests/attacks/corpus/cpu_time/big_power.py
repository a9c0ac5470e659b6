# goal: compute a number of a billion digits
# technique: cpu_time
# limits: wall=0.3
# field: step-big-power
# expect: ok None

len(bin(10**10**9))
