# goal: add numbers in C, where no interrupt is seen
# technique: cpu_time
# limits: wall=0.3
# field: step-sum-range
# expect: limit wall dead

sum(range(10**18))
