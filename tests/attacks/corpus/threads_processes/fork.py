# goal: become two processes
# technique: threads_processes
# field: step-threads-forks
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive

import os

os.fork()
