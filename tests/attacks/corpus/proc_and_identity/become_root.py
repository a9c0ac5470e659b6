# goal: become root
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'setuid'" alive

import os

os.setuid(0)
