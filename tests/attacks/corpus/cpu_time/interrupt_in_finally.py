# goal: spin in the clean-up after the interrupt
# technique: cpu_time
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall dead

try:
    while True:
        pass
finally:
    while True:
        pass
