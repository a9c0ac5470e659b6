# goal: find the largest of too many numbers
# technique: cpu_time
# limits: wall=0.3
# field: step-sum-range
# expect: limit wall dead

max(range(10**18))
