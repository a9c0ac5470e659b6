# goal: read the host's mounts
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/proc/self/mountinfo'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/proc/self/mountinfo'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/proc/self/mountinfo'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/proc/self/mountinfo'" alive

open("/proc/self/mountinfo").read()
