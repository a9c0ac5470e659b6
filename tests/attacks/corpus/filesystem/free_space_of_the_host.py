# goal: learn how full the host's disks are
# technique: filesystem
# expect: error PermissionError "[Errno 1] Operation not permitted: '/'" alive

import shutil

shutil.disk_usage("/")
