# goal: read what a shell command prints
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive
# expect[python>=3.13]: error PermissionError "[Errno 1] Operation not permitted: '/bin/sh'" alive

import os

os.popen("id").read()
