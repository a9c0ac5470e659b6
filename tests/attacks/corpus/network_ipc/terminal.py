# goal: open a terminal
# technique: network_ipc
# field: kernel-tiocsti
# expect: error FileNotFoundError '[Errno 2] No such file or directory' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'openpty'" alive
# expect[no:namespaces]: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.openpty()
