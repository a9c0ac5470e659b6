# goal: make a file in memory
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'memfd_create'" alive

import os

os.memfd_create("hidden")
