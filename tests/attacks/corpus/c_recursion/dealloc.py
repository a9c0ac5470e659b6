# goal: overflow the C stack by freeing a deeply nested object
# technique: c_recursion
# field: step-c-recursion
# expect: ok 1

value = ()
for _ in range(300_000):
    value = (value,)
del value
1
