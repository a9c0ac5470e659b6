# goal: open a terminal
# technique: network_ipc
# field: kernel-tiocsti
# expect: error FileNotFoundError '[Errno 2] No such file or directory' alive
# expect[no:namespaces]: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.openpty()
