# goal: ask for real-time scheduling
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
