# goal: overflow the stack by copying
# technique: c_recursion
# limits: wall=60 cpu=60
# field: step-c-recursion
# expect: error RecursionError ~"maximum recursion depth exceeded.*"

import copy

value = []
for _ in range(100_000):
    value = [value]
copy.deepcopy(value)
