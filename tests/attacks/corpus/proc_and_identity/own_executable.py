# goal: find the interpreter by its process entry
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/proc/self/exe'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/proc/self/exe'" alive
# expect[landlock+seccomp]: ok ~r"'/.*python.*'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/proc/self/exe'" alive

import os

os.readlink("/proc/self/exe")
