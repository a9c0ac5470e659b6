# goal: overflow the stack by freeing methods of methods
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: ok 'freed' alive

bound = len
for _ in range(1_000_000):
    bound = bound.__call__
del bound
"freed"
