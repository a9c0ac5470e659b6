# goal: set the host's clock
# technique: proc_and_identity
# expect: crashed SIGSYS dead

import time

time.clock_settime(time.CLOCK_REALTIME, 0)
