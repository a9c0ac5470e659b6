# goal: become the interpreter again
# technique: threads_processes
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'execv'" alive

import os
import sys

os.execv(sys.executable or "/usr/bin/python3", ["python", "-c", "print('again')"])
