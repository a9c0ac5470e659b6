# goal: overflow the stack after the limit on recursion was lifted
# technique: c_recursion
# field: step-c-recursion
# limits: memory=32MiB
# expect: error SystemError "error return without exception set"

import sys

sys.setrecursionlimit(10**9)


def deep():
    deep()


deep()
