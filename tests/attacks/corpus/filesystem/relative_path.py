# goal: read by a path with many steps up
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '../../../../../../../../../../etc/passwd'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '../../../../../../../../../../etc/passwd'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '../../../../../../../../../../etc/passwd'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '../../../../../../../../../../etc/passwd'" alive

open("../../../../../../../../../../etc/passwd").read()
