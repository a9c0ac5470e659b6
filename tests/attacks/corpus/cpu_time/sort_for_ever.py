# goal: sort with a comparison that never ends
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall alive

class Item:
    def __lt__(self, other):
        while True:
            pass


sorted([Item(), Item()])
