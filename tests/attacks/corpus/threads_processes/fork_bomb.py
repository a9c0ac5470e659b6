# goal: double for ever
# technique: threads_processes
# field: step-threads-forks
# expect: ok None

import os

while True:
    os.fork()
