# goal: learn how the root is mounted
# technique: filesystem
# expect: error PermissionError "[Errno 1] Operation not permitted: '/'" alive

import os

os.statvfs("/")
