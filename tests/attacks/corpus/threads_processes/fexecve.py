# goal: become the program behind a descriptor of a file that may be read
# technique: threads_processes
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'execve'" alive
# expect[only:seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/os\.py'" alive

import os

os.execve(os.open(os.__file__, os.O_RDONLY), ["x"], {})
