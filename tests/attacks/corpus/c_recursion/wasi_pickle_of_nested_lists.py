# goal: overflow the stack by pickling
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded while pickling an object" alive

import pickle

nested = []
for _ in range(1_000_000):
    nested = [nested]
pickle.dumps(nested)
