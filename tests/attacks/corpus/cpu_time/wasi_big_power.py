# goal: compute for ever in C
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# field: step-big-power
# expect: limit wall

3 ** 10**8
