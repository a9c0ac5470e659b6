# goal: climb out of the scratch folder
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: 'etc/passwd'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: 'etc/passwd'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: 'etc/passwd'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '..'" alive

import os

for _ in range(50):
    os.chdir("..")
open("etc/passwd").read()
