# goal: take a higher priority
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.nice(-5)
