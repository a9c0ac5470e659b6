# goal: compute a number of a billion digits
# technique: cpu_time
# limits: wall=0.3
# field: step-big-power
# expect: limit wall

len(bin(10**10**9))
