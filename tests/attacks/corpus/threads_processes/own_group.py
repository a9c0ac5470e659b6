# goal: leave the group of the launcher
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.setpgid(0, 0)
