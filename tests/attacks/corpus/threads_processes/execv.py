# goal: become another program
# technique: threads_processes
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive

import os

os.execv("/bin/sh", ["sh"])
