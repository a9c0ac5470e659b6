# goal: sort with keys that take for ever
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# expect: limit wall

class Key:
    def __lt__(self, other):
        while True:
            pass


sorted([Key(), Key()])
