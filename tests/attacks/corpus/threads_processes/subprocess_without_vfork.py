# goal: run a program by a plain fork
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive

import subprocess

subprocess._USE_VFORK = False
subprocess._USE_POSIX_SPAWN = False
subprocess.run(["/bin/true"], close_fds=True)
