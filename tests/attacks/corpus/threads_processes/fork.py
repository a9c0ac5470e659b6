# goal: become two processes
# technique: threads_processes
# field: step-threads-forks
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.fork()
