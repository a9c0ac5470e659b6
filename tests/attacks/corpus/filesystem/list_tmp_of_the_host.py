# goal: list the host's temporary folder
# technique: filesystem
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/.*'" alive
# expect[engine=wasi]: error FileNotFoundError ~r"\[Errno 44\] No such file or directory: '.*'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 13\] Permission denied: '/.*'" alive
# expect[only:seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*'" alive

import os

os.listdir(TARGET["folder"])
