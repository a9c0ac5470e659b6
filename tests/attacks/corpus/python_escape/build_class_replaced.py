# goal: catch code of the next turn by replacing __build_class__, and start a process from there
# technique: python_escape
# field: lang-class-hooks
# expect: ok 'EPERM'

import builtins
import os

from attempt import attempt

builtins.__build_class__ = lambda *parts: attempt(os.fork)
None
# --- next turn
class Innocent:
    pass


Innocent
