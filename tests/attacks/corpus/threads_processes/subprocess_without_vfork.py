# goal: run a program by a plain fork
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] wasi does not support processes." alive

import subprocess

subprocess._USE_VFORK = False
subprocess._USE_POSIX_SPAWN = False
subprocess.run(["/bin/true"], close_fds=True)
