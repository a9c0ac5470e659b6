# goal: become the interpreter again
# technique: threads_processes
# expect: crashed SIGSYS dead

import os
import sys

os.execv(sys.executable or "/usr/bin/python3", ["python", "-c", "print('again')"])
