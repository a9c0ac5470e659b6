# goal: kill every process that one may
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.kill(-1, 9)
