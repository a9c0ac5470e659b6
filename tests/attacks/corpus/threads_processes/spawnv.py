# goal: spawn a program the old way
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'P_WAIT'" alive

import os

os.spawnv(os.P_WAIT, "/bin/true", ["true"])
