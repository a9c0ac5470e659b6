# goal: overflow the stack after the limit on recursion was lifted
# technique: c_recursion
# field: step-c-recursion
# limits: memory=32MiB
# expect: ok 'stopped'

import sys

sys.setrecursionlimit(10**9)


def deep():
    deep()


try:
    deep()
except (MemoryError, SystemError):  # which of them it is, is a matter of chance
    result = "stopped"
result
