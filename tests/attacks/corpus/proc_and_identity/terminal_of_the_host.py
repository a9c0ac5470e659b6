# goal: learn the host's terminal
# technique: proc_and_identity
# expect: error OSError '[Errno 25] Inappropriate ioctl for device' alive

import os

os.ttyname(0)
