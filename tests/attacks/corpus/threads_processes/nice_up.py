# goal: take a higher priority
# technique: threads_processes
# expect: ok None

import os

os.nice(-5)
