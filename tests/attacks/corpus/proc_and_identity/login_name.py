# goal: learn the name of who runs the host
# technique: proc_and_identity
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'getlogin'" alive
# expect[landlock>=5 no:namespaces]: error PermissionError '[Errno 13] Permission denied' alive
# expect: error OSError '[Errno 25] Inappropriate ioctl for device' alive

import os

os.getlogin()
