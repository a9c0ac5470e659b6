# goal: become another program
# technique: threads_processes
# expect: crashed SIGSYS dead

import os

os.execv("/bin/sh", ["sh"])
