# goal: fill memory through a deque in C
# technique: memory
# needs: engine=wasi
# limits: memory=32MiB
# expect: error SystemError "<class 'collections.deque'> returned NULL without setting an exception" alive

# CPython forgets the MemoryError: what frees the half-made deque clears it.
import collections
import itertools

collections.deque(itertools.repeat(None))
