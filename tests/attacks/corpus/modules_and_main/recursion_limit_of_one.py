# goal: leave the sandbox no stack for its own work
# technique: modules_and_main
# field: step-c-recursion
# expect: ok None

import sys

for limit in range(1, 1_000):
    try:
        sys.setrecursionlimit(limit)
    except RecursionError:
        continue
    break
