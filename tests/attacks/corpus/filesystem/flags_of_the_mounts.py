# goal: learn how the root is mounted
# technique: filesystem
# expect: error PermissionError "[Errno 1] Operation not permitted: '/'" alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'statvfs'" alive

import os

os.statvfs("/")
