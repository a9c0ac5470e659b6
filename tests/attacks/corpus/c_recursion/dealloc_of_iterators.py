# goal: overflow the C stack by freeing a chain of iterators
# technique: c_recursion
# field: step-c-recursion
# expect: ok 1

import itertools

value = iter(())
for _ in range(100_000):
    value = itertools.chain(value)
del value
1
