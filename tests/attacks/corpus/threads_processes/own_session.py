# goal: leave the session of the launcher
# technique: threads_processes
# expect: ok None

import os

os.setsid()
