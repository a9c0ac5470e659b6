# goal: overflow the C stack by comparing
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError ~"maximum recursion depth exceeded.*"

a, b = [], []
for _ in range(100_000):
    a, b = [a], [b]
a == b
