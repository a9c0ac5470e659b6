# goal: raise an error whose text never ends
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall dead

class Trouble(Exception):
    def __str__(self):
        while True:
            pass


raise Trouble
