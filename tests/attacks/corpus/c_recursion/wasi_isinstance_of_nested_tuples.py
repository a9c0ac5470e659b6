# goal: overflow the stack by isinstance
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded in __instancecheck__" alive

kinds = int
for _ in range(1_000_000):
    kinds = (kinds,)
isinstance("", kinds)
