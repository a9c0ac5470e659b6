# goal: learn by its clock how long another process ran
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: crashed Trap dead

import time

time.clock_gettime(~2 << 3 | 2)
