# goal: kill the parent process
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.kill(os.getppid(), 9)
