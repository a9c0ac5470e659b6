# goal: make a dict quadratic with keys that all hash alike
# technique: hash_collisions
# field: step-hash-collision
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

class Evil:
    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return self.number == other.number


{Evil(number): 1 for number in range(100_000)} and 1
