# goal: overflow the stack by generators
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: crashed Trap dead

def pass_on(inner):
    yield from inner


it = iter(())
for _ in range(100_000):
    it = pass_on(it)
next(it, None)
