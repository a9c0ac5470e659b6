# goal: add for ever in C
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# field: step-sum-range
# expect: limit wall

sum(range(10**18))
