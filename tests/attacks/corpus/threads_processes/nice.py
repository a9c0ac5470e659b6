# goal: take a lower priority that is never given back
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'nice'" alive

import os

os.nice(5)
