# goal: become the program behind a descriptor of a file that may be read
# technique: threads_processes
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive
# expect[only:seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/os\.py'" alive

import os

os.execve(os.open(os.__file__, os.O_RDONLY), ["x"], {})
