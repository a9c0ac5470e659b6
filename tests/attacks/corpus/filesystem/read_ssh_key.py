# goal: read root's keys
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/root/.ssh/id_rsa'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/root/.ssh/id_rsa'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/root/.ssh/id_rsa'" alive

open("/root/.ssh/id_rsa").read()
