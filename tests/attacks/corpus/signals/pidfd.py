# goal: hold the parent by a descriptor
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.pidfd_open(1)
