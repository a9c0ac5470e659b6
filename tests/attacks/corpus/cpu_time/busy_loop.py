# goal: run for ever
# technique: cpu_time
# limits: wall=0.3
# expect: ok None

while True:
    pass
