# goal: learn by its clock how long another process ran
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 28] Invalid argument" alive

import time

time.clock_gettime(~2 << 3 | 2)
