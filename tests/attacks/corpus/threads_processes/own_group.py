# goal: leave the group of the launcher
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'setpgid'" alive

import os

os.setpgid(0, 0)
