# goal: hold the parent by a descriptor
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'pidfd_open'" alive

import os

os.pidfd_open(1)
