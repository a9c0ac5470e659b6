# goal: become root for a while
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'seteuid'" alive

import os

os.seteuid(0)
