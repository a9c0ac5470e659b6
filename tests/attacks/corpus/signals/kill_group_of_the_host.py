# goal: kill the group of the host's process
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'killpg'" alive

import os

os.killpg(TARGET["host_pid"], 9)
