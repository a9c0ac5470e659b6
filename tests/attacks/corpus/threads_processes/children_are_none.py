# goal: wait for a child of the launcher
# technique: threads_processes
# expect: ok None

import os

os.wait()
