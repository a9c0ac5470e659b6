# goal: become two processes with a terminal between them
# technique: threads_processes
# field: step-threads-forks
# expect: ok None

import os

os.forkpty()
