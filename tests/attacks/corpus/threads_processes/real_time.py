# goal: ask for real-time scheduling
# technique: threads_processes
# expect: ok None

import os

os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
