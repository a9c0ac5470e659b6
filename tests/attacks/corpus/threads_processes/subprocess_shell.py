# goal: run a shell command
# technique: threads_processes
# expect: ok None

import subprocess

subprocess.check_output("id", shell=True)
