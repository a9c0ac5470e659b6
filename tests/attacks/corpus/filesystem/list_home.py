# goal: list the host's users by their homes
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/home'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/home'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/home'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/home'" alive

import os

os.listdir("/home")
