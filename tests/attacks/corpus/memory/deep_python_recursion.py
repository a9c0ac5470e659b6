# goal: recurse without a limit
# technique: memory
# limits: memory=64MiB
# field: step-c-recursion
# trap: 4
# expect: error SystemError 'error return without exception set' alive

import sys

sys.setrecursionlimit(10**9)


def sink(depth):
    return sink(depth + 1)


sink(0)
