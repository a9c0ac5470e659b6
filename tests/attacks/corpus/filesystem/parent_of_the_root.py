# goal: open what is above the root
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: 'etc/passwd'" alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'O_PATH'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: 'etc/passwd'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/'" alive

import os

root = os.open("/", os.O_PATH)
for _ in range(10):
    root = os.open("..", os.O_PATH, dir_fd=root)
os.read(os.open("etc/passwd", os.O_RDONLY, dir_fd=root), 100)
