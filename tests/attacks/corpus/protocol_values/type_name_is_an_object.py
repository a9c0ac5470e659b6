# goal: return an object whose class has a name that raises
# technique: protocol_values
# field: lang-class-hooks
# expect: error ZeroDivisionError "division by zero"


class Meta(type):
    def __getattribute__(cls, name):
        return 1 / 0 if name == "__qualname__" else type.__getattribute__(cls, name)


class Evil(metaclass=Meta):
    def __repr__(self):
        return "x"


Evil()
