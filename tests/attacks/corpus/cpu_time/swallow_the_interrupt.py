# goal: catch the interrupt and go on
# technique: cpu_time
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall dead

while True:
    try:
        while True:
            pass
    except BaseException:
        pass
