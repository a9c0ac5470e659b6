# goal: make a file in memory
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.memfd_create("hidden")
