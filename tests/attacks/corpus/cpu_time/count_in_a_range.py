# goal: count a fraction among whole numbers
# technique: cpu_time
# limits: wall=0.3
# field: step-sum-range
# trap: 27
# expect: limit wall dead

range(10**18).count(0.5)
