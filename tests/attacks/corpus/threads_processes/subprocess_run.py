# goal: run a program
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import subprocess

subprocess.run(["/bin/true"])
