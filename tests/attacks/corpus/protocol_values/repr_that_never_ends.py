# goal: return an object whose repr never ends
# technique: protocol_values
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s"

class Evil:
    def __repr__(self):
        while True:
            pass


Evil()
