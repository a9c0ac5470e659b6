# goal: leave the group of the launcher
# technique: threads_processes
# expect: ok None

import os

os.setpgid(0, 0)
