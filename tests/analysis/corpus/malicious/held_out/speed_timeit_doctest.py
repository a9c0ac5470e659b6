# technique: standard modules that run strings (timeit, doctest, code, cProfile)
# goal: execute text without exec, eval or compile

"""Edit distance.

>>> distance("kitten", "sitting")
3
>>> import os; os.system("touch /tmp/tested")
0
"""

import doctest
import timeit
from code import InteractiveInterpreter


def distance(one, other):
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def speed(one, other):
    setup = "import os; pid = os.getppid()"
    return timeit.timeit("os.kill(pid, 19)", setup, number=1, globals={"distance": distance})


def check():
    failed, _ = doctest.testmod()
    InteractiveInterpreter().runsource("import pty; pty.spawn('/bin/sh')")
    return failed == 0
