# goal: kill the host's process by its number
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.kill(TARGET["host_pid"], 9)
