# goal: list the root folder
# technique: filesystem
# expect: error PermissionError "[Errno 13] Permission denied: '/'" alive
# expect[engine=wasi]: ok ['lib', 'ringfence', 'packages', 'box', 'tmp'] alive
# expect[namespaces+seccomp]: ok ~r"\[.*'ringfence'.*\]" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/'" alive

import os

os.listdir("/")
