# goal: kill the group of the host's process
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.killpg(TARGET["host_pid"], 9)
