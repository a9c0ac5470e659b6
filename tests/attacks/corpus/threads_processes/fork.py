# goal: become two processes
# technique: threads_processes
# field: step-threads-forks
# expect: ok None

import os

os.fork()
