# goal: read a device that everybody may read
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/dev/urandom'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/dev/urandom'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/dev/urandom'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/dev/urandom'" alive

open("/dev/urandom", "rb").read(16)
