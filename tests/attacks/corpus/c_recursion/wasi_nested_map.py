# goal: overflow the stack by map objects
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: crashed Trap dead

it = iter(())
for _ in range(1_000_000):
    it = map(int, it)
next(it, None)
