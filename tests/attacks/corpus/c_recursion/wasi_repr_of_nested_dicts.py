# goal: overflow the stack by repr of dictionaries
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded while getting the repr of an object" alive

nested = {}
for _ in range(1_000_000):
    nested = {0: nested}
repr(nested)
