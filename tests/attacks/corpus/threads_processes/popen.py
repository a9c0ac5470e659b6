# goal: read what a shell command prints
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] wasi does not support processes." alive
# expect[python>=3.13]: error PermissionError "[Errno 1] Operation not permitted: '/bin/sh'" alive

import os

os.popen("id").read()
