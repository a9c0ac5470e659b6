# goal: learn the groups of who runs the host
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.getgroups()
