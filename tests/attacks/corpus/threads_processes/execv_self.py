# goal: become the interpreter again
# technique: threads_processes
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive

import os
import sys

os.execv(sys.executable or "/usr/bin/python3", ["python", "-c", "print('again')"])
