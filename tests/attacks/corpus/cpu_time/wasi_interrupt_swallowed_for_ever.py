# goal: swallow every interrupt in a loop
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# field: step-ignore-signals
# expect: limit wall dead

while True:
    try:
        while True:
            pass
    except BaseException:
        pass
