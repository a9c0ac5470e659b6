# goal: keep a file that has no name in the root folder
# technique: filesystem
# expect: error OSError "[Errno 30] Read-only file system: '/'" alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'O_TMPFILE'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: '/'" alive

import os

os.open("/", os.O_TMPFILE | os.O_RDWR)
