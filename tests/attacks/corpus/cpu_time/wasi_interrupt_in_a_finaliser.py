# goal: hide from the interrupt in a finaliser
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# field: step-ignore-signals
# expect: limit wall alive

class Bomb:
    def __del__(self):
        while True:
            pass


bomb = Bomb()
del bomb
