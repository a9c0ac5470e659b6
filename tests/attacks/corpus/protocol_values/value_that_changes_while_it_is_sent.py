# goal: change a list while it is being sent
# technique: protocol_values
# expect: ok [[], []]

class Evil:
    def __repr__(self):
        value.clear()
        return "x"


value = [[], []]
value
