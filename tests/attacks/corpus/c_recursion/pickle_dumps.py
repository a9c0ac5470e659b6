# goal: overflow the C stack in the pickler
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded while pickling an object"

import pickle

value = []
for _ in range(100_000):
    value = [value]
pickle.dumps(value)
