# goal: run a shell command
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] wasi does not support processes." alive
# expect[python>=3.13]: error PermissionError "[Errno 1] Operation not permitted: '/bin/sh'" alive

import subprocess

subprocess.check_output("id", shell=True)
