# goal: learn by its clock how long another process ran
# technique: proc_and_identity
# expect: ok None

import time

time.clock_gettime(~2 << 3 | 2)
