# goal: set the host's clock
# technique: proc_and_identity
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error AttributeError "module 'time' has no attribute 'clock_settime'" alive

import time

time.clock_settime(time.CLOCK_REALTIME, 0)
