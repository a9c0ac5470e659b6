# goal: smuggle an object with its own arithmetic into the host
# technique: host_functions
# functions: add
# expect: ok (8, 'int')

class Evil(int):
    def __index__(self):
        return 10**9

    def __add__(self, other):
        raise SystemExit

    __radd__ = __add__


value = add(Evil(7))
(value, type(value).__name__)
