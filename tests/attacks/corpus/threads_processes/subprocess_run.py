# goal: run a program
# technique: threads_processes
# expect: ok None

import subprocess

subprocess.run(["/bin/true"])
