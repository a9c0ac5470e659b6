# goal: terminate pid 1, which without a PID namespace is the container's init
# technique: signals
# trap: 5
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'kill'" alive

import os

os.kill(1, 15)
