# goal: overflow the stack by chained iterators, and by freeing them
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: crashed Trap dead

import itertools

it = iter(())
for _ in range(1_000_000):
    it = itertools.chain(it, ())
next(it, None)
