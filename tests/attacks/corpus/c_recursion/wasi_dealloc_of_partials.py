# goal: overflow the stack by deallocating what has no trashcan
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: ok 'freed' alive

import functools

nested = int
for _ in range(300_000):
    nested = functools.partial(nested, nested)
    nested = (nested,)
    nested = nested.__len__
del nested
"freed"
