# goal: return an object whose repr raises
# technique: protocol_values
# expect: ok Opaque(Evil: <Evil whose repr raised ZeroDivisionError>)

class Evil:
    def __repr__(self):
        return 1 / 0


Evil()
