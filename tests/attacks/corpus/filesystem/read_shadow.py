# goal: read the host's passwords
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/etc/shadow'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/etc/shadow'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/etc/shadow'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/etc/shadow'" alive

open("/etc/shadow").read()
