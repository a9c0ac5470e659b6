# goal: make the traceback as long as memory allows
# technique: errors_and_messages
# field: lang-frames
# expect: error ValueError "x" alive

import sys

sys.setrecursionlimit(200_000)


def deep(n):
    if n == 0:
        raise ValueError("x")
    deep(n - 1)


deep(100_000)
