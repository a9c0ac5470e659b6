# goal: have the interpreter print errors without end
# technique: resource_accounting
# field: host-flood
# expect: limit output

class Thing:
    def __del__(self):
        raise ValueError("x" * 1_000)


while True:
    Thing()
