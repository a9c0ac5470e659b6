# goal: overflow the C stack by the repr of a deeply nested list
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError ~"maximum recursion depth exceeded.*"

value = []
for _ in range(100_000):
    value = [value]
repr(value)
