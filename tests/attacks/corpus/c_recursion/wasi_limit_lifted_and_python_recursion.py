# goal: overflow the stack once the limit is lifted
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# limits: memory=64MiB
# expect: limit memory

import sys

sys.setrecursionlimit((1 << 31) - 1)


def deeper():
    deeper()


deeper()
