# goal: run a shell command
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import subprocess

subprocess.check_output("id", shell=True)
