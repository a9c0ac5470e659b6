# goal: choose a processor for oneself
# technique: threads_processes
# expect: ok None

import os

os.sched_setaffinity(0, {0})
