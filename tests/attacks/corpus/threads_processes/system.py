# goal: run a shell command
# technique: threads_processes
# field: step-threads-forks
# expect: ok None

import os

os.system("echo pwned")
