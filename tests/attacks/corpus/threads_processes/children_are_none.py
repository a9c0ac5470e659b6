# goal: wait for a child of the launcher
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'wait'" alive

import os

os.wait()
