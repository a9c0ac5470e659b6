# goal: overflow the stack by hashing
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: crashed Trap dead

value = ()
for _ in range(1_000_000):
    value = (value,)
hash(value)
