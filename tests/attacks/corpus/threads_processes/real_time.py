# goal: ask for real-time scheduling
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'sched_setscheduler'" alive

import os

os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
