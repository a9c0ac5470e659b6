# goal: smuggle text with its own methods into the host
# technique: host_functions
# functions: echo
# expect: ok ('x', 'str')

class Evil(str):
    def __len__(self):
        return 10**9

    def __eq__(self, other):
        raise SystemExit

    __hash__ = str.__hash__


value = echo(Evil("x"))
(value, type(value).__name__)
