# goal: become two processes with a terminal between them
# technique: threads_processes
# needs: no:only:seccomp
# field: step-threads-forks
# expect: error FileNotFoundError '[Errno 2] No such file or directory' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive
# expect[landlock+seccomp]: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.forkpty()
