# goal: become another program
# technique: threads_processes
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'execv'" alive

import os

os.execv("/bin/sh", ["sh"])
