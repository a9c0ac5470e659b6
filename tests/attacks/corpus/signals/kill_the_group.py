# goal: kill the process group of the launcher
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.kill(0, 9)
