# goal: learn the host's terminal
# technique: proc_and_identity
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'ttyname'" alive
# expect[landlock>=5 no:namespaces]: error PermissionError '[Errno 13] Permission denied' alive
# expect: error OSError '[Errno 25] Inappropriate ioctl for device' alive

import os

os.ttyname(0)
