# goal: leave the session of the launcher
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'setsid'" alive

import os

os.setsid()
