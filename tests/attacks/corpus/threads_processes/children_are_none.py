# goal: wait for a child of the launcher
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.wait()
