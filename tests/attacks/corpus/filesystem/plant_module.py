# goal: plant a module where imports look
# technique: filesystem
# expect: error OSError ~r"\[Errno 30\] Read-only file system: '/.*/planted\.py'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: '/lib/python3.13/planted.py'" alive
# expect[no:namespaces]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/planted\.py'" alive

import os

open(os.path.join(os.path.dirname(os.__file__), "planted.py"), "w").write("x = 1")
