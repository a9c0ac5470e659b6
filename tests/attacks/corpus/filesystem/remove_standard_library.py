# goal: remove a module
# technique: filesystem
# expect: error OSError ~r"\[Errno 30\] Read-only file system: '/.*/os\.py'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: '/lib/python3.13/os.py'" alive
# expect[no:namespaces]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/os\.py'" alive

import os

os.unlink(os.__file__)
