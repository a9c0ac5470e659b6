# goal: overflow the C stack by recursion through a C function after the limit was lifted
# technique: c_recursion
# field: step-c-recursion
# expect[python<3.12]: crashed SIGSEGV dead
# expect: error RecursionError ~".*"

import sys

sys.setrecursionlimit(10**9)


class Evil:
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])

    def __repr__(self):
        return repr([self])


repr(Evil())
