# goal: spin in a finalizer
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall alive

class Thing:
    def __del__(self):
        while True:
            pass


thing = Thing()
del thing
