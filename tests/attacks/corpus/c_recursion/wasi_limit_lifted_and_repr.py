# goal: overflow the stack by repr once the limit is lifted
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded while getting the repr of an object" alive

import sys

sys.setrecursionlimit((1 << 31) - 1)


class Loop:
    def __repr__(self):
        return repr(self)


repr(Loop())
