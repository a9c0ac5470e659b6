# goal: run a shell command
# technique: threads_processes
# field: step-threads-forks
# expect: ok 32512 alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'system'" alive

import os

os.system("echo pwned")
