# goal: become another program
# technique: threads_processes
# expect: ok None

import os

os.execv("/bin/sh", ["sh"])
