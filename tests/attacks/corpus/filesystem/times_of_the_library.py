# goal: make a module look newer than its bytecode
# technique: filesystem
# expect: error OSError '[Errno 30] Read-only file system' alive
# expect[no:namespaces]: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.utime(os.__file__, (0, 0))
