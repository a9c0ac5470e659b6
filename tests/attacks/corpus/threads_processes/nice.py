# goal: take a lower priority that is never given back
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.nice(5)
