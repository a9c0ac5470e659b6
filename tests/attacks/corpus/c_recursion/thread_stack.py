# goal: overflow the smaller stack of a thread
# technique: c_recursion
# field: step-c-recursion
# needs: threads
# expect[python>=3.12 python<3.13]: ok 1
# expect: crashed SIGSEGV dead

import sys
import threading

sys.setrecursionlimit(10**6)


def deep(n=0):
    return max([0], key=lambda _: deep(n + 1))


thread = threading.Thread(target=deep)
thread.start()
thread.join()
1
