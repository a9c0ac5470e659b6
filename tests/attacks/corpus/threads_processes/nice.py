# goal: take a lower priority that is never given back
# technique: threads_processes
# expect: ok None

import os

os.nice(5)
