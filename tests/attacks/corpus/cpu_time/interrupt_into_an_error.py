# goal: turn the interrupt into an error of one's own
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall alive

try:
    while True:
        pass
except KeyboardInterrupt:
    raise ValueError("nothing happened")
