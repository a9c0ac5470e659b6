# goal: read the address layout, which all guests of an image share
# technique: proc_and_identity
# field: kernel-proc-self-exe
# trap: 17
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/proc/self/maps'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/proc/self/maps'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/proc/self/maps'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/proc/self/maps'" alive

open("/proc/self/maps").read()
