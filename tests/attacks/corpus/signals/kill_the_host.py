# goal: kill the host's process by its number
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'kill'" alive

import os

os.kill(TARGET["host_pid"], 9)
