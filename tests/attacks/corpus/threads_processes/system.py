# goal: run a shell command
# technique: threads_processes
# field: step-threads-forks
# expect: ok 32512 alive

import os

os.system("echo pwned")
