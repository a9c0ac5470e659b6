# goal: double for ever
# technique: threads_processes
# field: step-threads-forks
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'fork'" alive

import os

while True:
    os.fork()
