# goal: give a value whose description never ends
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall alive

class Value:
    def __repr__(self):
        while True:
            pass


Value()
