# goal: look for a fraction among whole numbers
# technique: cpu_time
# limits: wall=0.3
# field: step-sum-range
# trap: 27
# expect: limit wall dead

0.5 in range(10**18)
