# goal: choose a processor for oneself
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'sched_setaffinity'" alive

import os

os.sched_setaffinity(0, {0})
