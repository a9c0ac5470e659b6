# goal: catch the interrupt and return a value in time
# technique: cpu_time
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall alive

try:
    while True:
        pass
except KeyboardInterrupt:
    pass
"in time"
