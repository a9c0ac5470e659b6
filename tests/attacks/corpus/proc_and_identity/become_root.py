# goal: become root
# technique: proc_and_identity
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import os

os.setuid(0)
