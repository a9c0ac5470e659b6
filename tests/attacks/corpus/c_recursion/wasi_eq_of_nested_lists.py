# goal: overflow the stack by comparing
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded in comparison" alive

one, two = [], []
for _ in range(1_000_000):
    one, two = [one], [two]
one == two
