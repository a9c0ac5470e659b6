# goal: send a key that is equal to everything
# technique: protocol_values
# expect: ok {'x': 1}

class Evil(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


{Evil("x"): 1}
