# goal: double for ever
# technique: threads_processes
# field: step-threads-forks
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

while True:
    os.fork()
