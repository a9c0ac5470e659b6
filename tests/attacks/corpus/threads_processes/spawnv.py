# goal: spawn a program the old way
# technique: threads_processes
# expect: ok None

import os

os.spawnv(os.P_WAIT, "/bin/true", ["true"])
