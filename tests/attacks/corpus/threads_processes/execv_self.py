# goal: become the interpreter again
# technique: threads_processes
# expect: ok None

import os
import sys

os.execv(sys.executable or "/usr/bin/python3", ["python", "-c", "print('again')"])
