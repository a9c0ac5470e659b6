# goal: learn the name of who runs the host
# technique: proc_and_identity
# expect: error OSError '[Errno 25] Inappropriate ioctl for device' alive

import os

os.getlogin()
