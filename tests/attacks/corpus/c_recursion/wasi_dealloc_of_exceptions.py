# goal: overflow the stack by deallocating a chain of exceptions
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: ok 'freed' alive

error = None
for _ in range(300_000):
    outer = ValueError()
    outer.__context__ = error
    error = outer
del error, outer
"freed"
