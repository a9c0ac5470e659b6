# goal: learn the controlling terminal
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'tcgetpgrp'" alive

import os

os.tcgetpgrp(0)
