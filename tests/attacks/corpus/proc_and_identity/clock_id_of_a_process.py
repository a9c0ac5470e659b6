# goal: ask for the clock of another process
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'time' has no attribute 'pthread_getcpuclockid'" alive

import time

[time.pthread_getcpuclockid is not None, time.clock_gettime((~1 << 3) | 2)]
