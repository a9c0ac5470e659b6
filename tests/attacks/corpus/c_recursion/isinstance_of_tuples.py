# goal: overflow the C stack by isinstance with nested tuples
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError ~".*"

value = (int,)
for _ in range(100_000):
    value = (value,)
isinstance("", value)
