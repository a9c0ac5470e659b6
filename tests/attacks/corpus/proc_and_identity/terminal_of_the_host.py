# goal: learn the host's terminal
# technique: proc_and_identity
# expect[landlock>=5 no:namespaces]: error PermissionError '[Errno 13] Permission denied' alive
# expect: error OSError '[Errno 25] Inappropriate ioctl for device' alive

import os

os.ttyname(0)
