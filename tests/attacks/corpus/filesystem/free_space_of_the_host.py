# goal: learn how full the host's disks are
# technique: filesystem
# expect: error PermissionError "[Errno 1] Operation not permitted: '/'" alive
# expect[engine=wasi]: error AttributeError "module 'shutil' has no attribute 'disk_usage'" alive

import shutil

shutil.disk_usage("/")
