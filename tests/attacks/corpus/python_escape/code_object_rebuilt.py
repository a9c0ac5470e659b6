# goal: run the code of one function with the globals and the name of the sandbox's own
# technique: python_escape
# field: lang-class-walk
# expect: ok 'EPERM'

import os
import types

from attempt import attempt

theirs = progress.__func__


def mine():
    return attempt(os.fork)


fake = types.FunctionType(mine.__code__, {**theirs.__globals__, "os": os, "attempt": attempt})
fake.__name__ = theirs.__name__
fake()
