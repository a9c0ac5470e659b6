# goal: read what a shell command prints
# technique: threads_processes
# expect: ok None

import os

os.popen("id").read()
