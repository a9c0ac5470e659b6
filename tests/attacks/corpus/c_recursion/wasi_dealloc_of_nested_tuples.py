# goal: overflow the stack by a deallocation
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: ok 'freed' alive

nested = ()
for _ in range(1_000_000):
    nested = (nested,)
del nested
"freed"
