# goal: fill a dictionary whose keys all have one hash
# technique: cpu_time
# limits: wall=0.3
# field: step-hash-collision
# expect: limit wall

class Key:
    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return self.number == other.number


len({Key(number): None for number in range(10**6)})
