# goal: change a module that every guest imports
# technique: filesystem
# expect: error PermissionError ~r"\[Errno 13\] Permission denied: '/.*/os\.py'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: '/lib/python3.13/os.py'" alive
# expect[no:namespaces]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/os\.py'" alive

import os

open(os.__file__, "a").write("print('planted')")
