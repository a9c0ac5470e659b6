# goal: overflow the C stack by the repr or the call of nested partial objects
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded while getting the repr of an object"

import functools

value = print
for _ in range(100_000):
    value = functools.partial(value)
    value.__dict__["x"] = 1
repr(value)
