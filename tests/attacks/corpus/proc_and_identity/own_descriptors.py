# goal: list the descriptors by the process entry
# technique: proc_and_identity
# field: kernel-proc-self-exe, kernel-leaked-fd
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/proc/self/fd'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/proc/self/fd'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/proc/self/fd'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/proc/self/fd'" alive

import os

os.listdir("/proc/self/fd")
