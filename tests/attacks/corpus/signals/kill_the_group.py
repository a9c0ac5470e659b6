# goal: kill the process group of the launcher
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'kill'" alive

import os

os.kill(0, 9)
