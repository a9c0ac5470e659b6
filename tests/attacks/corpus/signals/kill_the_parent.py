# goal: kill the parent process
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'kill'" alive

import os

os.kill(os.getppid(), 9)
