# goal: learn the groups of who runs the host
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'getgroups'" alive

import os

os.getgroups()
