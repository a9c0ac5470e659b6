# goal: run for ever
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall alive

while True:
    pass
