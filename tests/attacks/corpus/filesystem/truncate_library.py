# goal: make a module empty
# technique: filesystem
# expect: error PermissionError ~r"\[Errno 13\] Permission denied: '/.*/os\.py'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: '/lib/python3.13/os.py'" alive
# expect[no:namespaces]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/os\.py'" alive

import os

os.truncate(os.__file__, 0)
