# goal: overflow the C stack by hashing a deeply nested tuple
# technique: c_recursion
# field: step-c-recursion
# expect: crashed SIGSEGV dead
# expect[engine=wasi]: crashed Trap dead

value = ()
for _ in range(300_000):
    value = (value,)
hash(value)
