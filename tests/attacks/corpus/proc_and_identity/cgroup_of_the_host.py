# goal: learn the host's control group
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/proc/self/cgroup'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/proc/self/cgroup'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/proc/self/cgroup'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/proc/self/cgroup'" alive

open("/proc/self/cgroup").read()
