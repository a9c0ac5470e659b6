# goal: overflow the C stack in the JSON encoder
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError ~"maximum recursion depth exceeded.*"

import json

value = []
for _ in range(100_000):
    value = [value]
json.dumps(value)
